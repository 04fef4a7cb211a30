// Made of gauge.xml, gauge_details.xml, status_chip.xml by
// setup/lib/owl_templates.py: after a change there, make it anew.
/* eslint-disable -- as Owl writes it */

// prettier-ignore
export const templates = {
"kpi_tracking.Gauge": function anonymous(app, bdom, helpers
) {
  let { text, createBlock, list, multi, html, toggler, comment } = bdom;
  let { safeOutput, isBoundary, withDefault, setContextValue } = helpers;
  // Template name: "kpi_tracking.Gauge"
  const callTemplate_1 = app.getTemplate(`kpi_tracking.GaugeDrawing`);
  const callTemplate_2 = app.getTemplate(`kpi_tracking.StatusChip`);
  const comp1 = app.createComponent(`GaugeDetails`, true, false, false, ["rows","title"]);

  let block1 = createBlock(`<div class="o_kpi_gauge" block-attribute-0="class" block-handler-1="mouseenter" block-handler-2="mouseleave" block-handler-3="focusin.synthetic" block-handler-4="focusout.synthetic" block-handler-5="click.synthetic" block-handler-6="keydown.synthetic" block-ref="7"><div class="o_kpi_gauge_meter" block-attributes="8"><block-child-0/><block-child-1/></div><block-child-2/><block-child-3/></div>`);
  let block2 = createBlock(`<svg xmlns="http://www.w3.org/2000/svg" class="o_kpi_gauge_drawing" block-attribute-0="viewBox" aria-hidden="true"><block-child-0 xmlns=""/></svg>`);
  let block4 = createBlock(`<span class="o_kpi_gauge_beside" dir="ltr"><block-child-0/><block-child-1/></span>`);
  let block6 = createBlock(`<small><block-child-0/></small>`);

  return function template(ctx, node, key = "") {
    ctx = Object.create(ctx);
    ctx[isBoundary] = 1
    let b2, b4, b8, b9;
    let attr1 = ctx['classes'];
    let hdlr1 = [ctx['open'], ctx];
    let hdlr2 = [ctx['close'], ctx];
    let hdlr3 = ["synthetic", ctx['open'], ctx];
    let hdlr4 = ["synthetic", ctx['close'], ctx];
    let hdlr5 = ["synthetic", ctx['open'], ctx];
    let hdlr6 = ["synthetic", ctx['onKeydown'], ctx];
    let ref1 = (el) => this.__owl__.setRef((`root`), el);
    let attr2 = ctx['meter'];
    let b3;
    let attr3 = ctx['box'];
    if (ctx['nearness'].isNear) {
      b3 = callTemplate_1.call(this, ctx, node, key + `__1`);
    }
    b2 = block2([attr3], [b3]);
    if (!ctx['inner']&&ctx['props'].number) {
      let b5, b6;
      b5 = safeOutput(ctx['props'].number);
      if (ctx['props'].unit) {
        const b7 = safeOutput(ctx['props'].unit);
        b6 = block6([], [b7]);
      }
      b4 = block4([], [b5, b6]);
    }
    if (ctx['props'].status) {
      ctx = Object.create(ctx);
      ctx[isBoundary] = 1;
      setContextValue(ctx, "shown", ctx['props'].status);
      setContextValue(ctx, "isSpoken", 'true');
      b8 = callTemplate_2.call(this, ctx, node, key + `__2`);
      ctx = ctx.__proto__;
    }
    if (ctx['state'].isOpen) {
      b9 = comp1({rows: ctx['props'].details(),title: ctx['props'].label,close: (ctx['close']).bind(this)}, key + `__3`, node, this, null);
    }
    return block1([attr1, hdlr1, hdlr2, hdlr3, hdlr4, hdlr5, hdlr6, ref1, attr2], [b2, b4, b8, b9]);
  }
},
"kpi_tracking.GaugeDrawing": function anonymous(app, bdom, helpers
) {
  let { text, createBlock, list, multi, html, toggler, comment } = bdom;
  let { isBoundary, withDefault, setContextValue, prepareList, withKey, safeOutput } = helpers;
  // Template name: "kpi_tracking.GaugeDrawing"

  let block1 = createBlock(`<g xmlns="http://www.w3.org/2000/svg"><block-child-0 xmlns=""/><block-child-1 xmlns=""/><block-child-2 xmlns=""/><block-child-3 xmlns=""/><block-child-4 xmlns=""/><block-child-5 xmlns=""/><block-child-6 xmlns=""/><block-child-7 xmlns=""/><block-child-8 xmlns=""/><block-child-9 xmlns=""/></g>`);
  let block2 = createBlock(`<path xmlns="http://www.w3.org/2000/svg" class="o_kpi_gauge_track" block-attribute-0="d"/>`);
  let block4 = createBlock(`<path xmlns="http://www.w3.org/2000/svg" block-attribute-0="class" block-attribute-1="d"/>`);
  let block5 = createBlock(`<circle xmlns="http://www.w3.org/2000/svg" block-attribute-0="class" cx="55" cy="114" r="12"/>`);
  let block6 = createBlock(`<path xmlns="http://www.w3.org/2000/svg" block-attribute-0="class" pathLength="1" block-attribute-1="d"/>`);
  let block8 = createBlock(`<path xmlns="http://www.w3.org/2000/svg" block-attribute-0="class" block-attribute-1="d"/>`);
  let block9 = createBlock(`<path xmlns="http://www.w3.org/2000/svg" block-attribute-0="class" block-attribute-1="d"/>`);
  let block10 = createBlock(`<path xmlns="http://www.w3.org/2000/svg" class="o_kpi_gauge_needle" block-attribute-0="d" block-attribute-1="style"/>`);
  let block11 = createBlock(`<path xmlns="http://www.w3.org/2000/svg" class="o_kpi_gauge_arrow" block-attribute-0="d"/>`);
  let block13 = createBlock(`<text xmlns="http://www.w3.org/2000/svg" block-attribute-0="class" block-attribute-1="x" block-attribute-2="y" block-attribute-3="text-anchor"><block-child-0 xmlns=""/></text>`);
  let block15 = createBlock(`<text xmlns="http://www.w3.org/2000/svg" class="o_kpi_gauge_value" block-attribute-0="x" block-attribute-1="y" block-attribute-2="font-size" text-anchor="middle"><block-child-0 xmlns=""/><block-child-1 xmlns=""/></text>`);
  let block17 = createBlock(`<tspan xmlns="http://www.w3.org/2000/svg" class="o_kpi_gauge_unit" font-size="60%"><block-child-0 xmlns=""/></tspan>`);

  return function template(ctx, node, key = "") {
    ctx = Object.create(ctx);
    ctx[isBoundary] = 1
    setContextValue(ctx, "drawn", ctx['drawing']);
    let b2, b3, b5, b6, b7, b9, b10, b11, b12, b15;
    if (!ctx['hasNeedle']) {
      let attr1 = ctx['drawn'].track;
      b2 = block2([attr1]);
    }
    ctx = Object.create(ctx);
    const [k_block3, v_block3, l_block3, c_block3] = prepareList(ctx['drawn'].zones);;
    for (let i1 = 0; i1 < l_block3; i1++) {
      ctx[`zone`] = k_block3[i1];
      ctx[`zone_index`] = i1;
      const key1 = ctx['zone_index'];
      let attr2 = `o_kpi_gauge_zone o_kpi_status_${ctx['zone'].color}`;
      let attr3 = ctx['zone'].path;
      c_block3[i1] = withKey(block4([attr2, attr3]), key1);
    }
    ctx = ctx.__proto__;
    b3 = list(c_block3);
    if (ctx['props'].type==='thermometer') {
      let attr4 = `o_kpi_gauge_bulb ${ctx['tone']}`;
      b5 = block5([attr4]);
    }
    if (ctx['drawn'].fill) {
      let attr5 = `o_kpi_gauge_fill ${ctx['tone']}`;
      let attr6 = ctx['drawn'].fill;
      b6 = block6([attr5, attr6]);
    }
    ctx = Object.create(ctx);
    const [k_block7, v_block7, l_block7, c_block7] = prepareList(ctx['drawn'].ticks);;
    for (let i1 = 0; i1 < l_block7; i1++) {
      ctx[`mark`] = k_block7[i1];
      ctx[`mark_index`] = i1;
      const key1 = ctx['mark_index'];
      let attr7 = `o_kpi_gauge_tick o_kpi_gauge_${ctx['mark'].kind}`;
      let attr8 = ctx['mark'].path;
      c_block7[i1] = withKey(block8([attr7, attr8]), key1);
    }
    ctx = ctx.__proto__;
    b7 = list(c_block7);
    if (ctx['drawn'].pointer) {
      let attr9 = `o_kpi_gauge_pointer ${ctx['tone']}`;
      let attr10 = ctx['drawn'].pointer;
      b9 = block9([attr9, attr10]);
    }
    if (ctx['drawn'].needle) {
      let attr11 = ctx['drawn'].needle;
      let attr12 = ctx['drawn'].turn;
      b10 = block10([attr11, attr12]);
    }
    if (ctx['drawn'].arrow) {
      let attr13 = ctx['drawn'].arrow;
      b11 = block11([attr13]);
    }
    ctx = Object.create(ctx);
    const [k_block12, v_block12, l_block12, c_block12] = prepareList(ctx['labels']);;
    for (let i1 = 0; i1 < l_block12; i1++) {
      ctx[`mark`] = k_block12[i1];
      ctx[`mark_index`] = i1;
      const key1 = ctx['mark_index'];
      let attr14 = `o_kpi_gauge_label o_kpi_gauge_label_${ctx['mark'].kind}`;
      let attr15 = ctx['mark'].x;
      let attr16 = ctx['mark'].y;
      let attr17 = ctx['mark'].anchor;
      const b14 = safeOutput(ctx['mark'].text);
      c_block12[i1] = withKey(block13([attr14, attr15, attr16, attr17], [b14]), key1);
    }
    ctx = ctx.__proto__;
    b12 = list(c_block12);
    if (ctx['inner']) {
      let b16, b17;
      let attr18 = ctx['inner'].x;
      let attr19 = ctx['inner'].y;
      let attr20 = ctx['inner'].size;
      b16 = safeOutput(ctx['props'].number);
      if (ctx['props'].unit) {
        const b18 = safeOutput(ctx['props'].unit);
        b17 = block17([], [b18]);
      }
      b15 = block15([attr18, attr19, attr20], [b16, b17]);
    }
    return block1([], [b2, b3, b5, b6, b7, b9, b10, b11, b12, b15]);
  }
},
"kpi_tracking.GaugeDetails": function anonymous(app, bdom, helpers
) {
  let { text, createBlock, list, multi, html, toggler, comment } = bdom;
  let { safeOutput, prepareList, withKey } = helpers;
  // Template name: "kpi_tracking.GaugeDetails"

  let block1 = createBlock(`<div class="o_kpi_gauge_details" role="tooltip" popover="manual" block-ref="0"><strong><block-child-0/></strong><dl><block-child-1/></dl></div>`);
  let block5 = createBlock(`<dt><block-child-0/></dt>`);
  let block7 = createBlock(`<dd><block-child-0/></dd>`);

  return function template(ctx, node, key = "") {
    let ref1 = (el) => this.__owl__.setRef((`root`), el);
    const b2 = safeOutput(ctx['props'].title);
    ctx = Object.create(ctx);
    const [k_block3, v_block3, l_block3, c_block3] = prepareList(ctx['props'].rows);;
    for (let i1 = 0; i1 < l_block3; i1++) {
      ctx[`row`] = k_block3[i1];
      ctx[`row_index`] = i1;
      const key1 = ctx['row_index'];
      const b6 = safeOutput(ctx['row'][0]);
      const b5 = block5([], [b6]);
      const b8 = safeOutput(ctx['row'][1]);
      const b7 = block7([], [b8]);
      c_block3[i1] = withKey(multi([b5, b7]), key1);
    }
    const b3 = list(c_block3);
    return block1([ref1], [b2, b3]);
  }
},
"kpi_tracking.StatusChip": function anonymous(app, bdom, helpers
) {
  let { text, createBlock, list, multi, html, toggler, comment } = bdom;
  let { safeOutput } = helpers;
  // Template name: "kpi_tracking.StatusChip"

  let block1 = createBlock(`<span block-attribute-0="class" block-attribute-1="aria-hidden"><block-child-0/><span class="o_kpi_status_word"><block-child-1/></span></span>`);
  let block2 = createBlock(`<svg xmlns="http://www.w3.org/2000/svg" class="o_kpi_status_icon" viewBox="0 0 12 12" aria-hidden="true"><path block-attribute-0="d"/></svg>`);

  return function template(ctx, node, key = "") {
    let attr1 = `o_kpi_status o_kpi_status_${ctx['shown'].tone}`;
    let attr2 = ctx['isSpoken'];
    let attr3 = ctx['shown'].path;
    const b2 = block2([attr3]);
    const b3 = safeOutput(ctx['shown'].word);
    return block1([attr1, attr2], [b2, b3]);
  }
},
"kpi_tracking.StatusIcon": function anonymous(app, bdom, helpers
) {
  let { text, createBlock, list, multi, html, toggler, comment } = bdom;
  let { safeOutput } = helpers;
  // Template name: "kpi_tracking.StatusIcon"

  let block1 = createBlock(`<svg xmlns="http://www.w3.org/2000/svg" block-attribute-0="class" viewBox="0 0 12 12" role="img"><title><block-child-0 xmlns=""/></title><path block-attribute-1="d"/></svg>`);

  return function template(ctx, node, key = "") {
    let attr1 = `o_kpi_status_icon o_kpi_status_${ctx['shown'].tone}`;
    const b2 = safeOutput(ctx['shown'].word);
    let attr2 = ctx['shown'].path;
    return block1([attr1, attr2], [b2]);
  }
}
};
