"""Rules of approving, as plain Python: who has to say yes, who for whom, and to what."""
