"""Training: the data, the losses and the loops that make the models this project ships."""
