"""Rules of approving, as plain Python: who decides, who for whom, and on what."""
