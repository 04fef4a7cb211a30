class ChangeCase:
    """How tests of changes read them."""

    def assertAddsUp(self, change):
        """Parts add up to the change, to 1e-9 of it, the largest first."""
        sizes = [part["part"] for part in change["parts"]]
        self.assertTrue(sizes)
        self.assertAlmostEqual(
            sum(sizes) / change["change"], 1.0, delta=1e-9, msg=str(sizes)
        )
        self.assertEqual(sizes, sorted(sizes, key=lambda size: -abs(size)))

    @staticmethod
    def _parts(change):
        """(Label, kind) → what it adds."""
        return {(part["label"], part["kind"]): part["part"] for part in change["parts"]}

    def _text(self, change):
        return " ".join(change["sentences"])
