"""Who may ask for what, over HTTP: what each address needs, and whom an identity provider vouches for."""
