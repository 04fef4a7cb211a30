def find_or_create(model, names) -> dict:
    """Name → record of ``model``, such as a tag; other apps may know some of them."""
    known = {record.name: record for record in model.search([("name", "in", names)])}
    missing = [name for name in names if name not in known]
    created = model.create([{"name": name} for name in missing])
    known.update(zip(missing, created, strict=True))
    return {name: known[name] for name in names}
