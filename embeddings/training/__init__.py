"""How the shipped weights were made: teachers, material, block-wise and end-to-end distillation."""
