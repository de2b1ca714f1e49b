"""What callers send (In) and get (Out), one module per resource."""
