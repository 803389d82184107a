"""Images: CIFAR-10, image folders, and noise as a pure function of its index."""
