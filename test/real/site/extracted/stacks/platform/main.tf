# Everything that stood here has a stack of its own now; what others declare as their dependency remains.
