"""Rules of approving, as plain Python: who must say yes, who for whom, and to what."""
