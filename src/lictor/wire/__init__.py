"""What crosses the network: types, operations, channels; both columns of the house read it."""
