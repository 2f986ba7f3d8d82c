"""Tasks carried out: claimed, kept alive, recorded, taken up again."""
