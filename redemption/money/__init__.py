"""What money a fund receives, what it may buy, and the proof that every fen of it is there."""
