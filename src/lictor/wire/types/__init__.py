"""The contract's types, one module a resource; bodies refuse unknown fields, answers ignore them."""
