"""What Lotse remembers: conversations and the answers given in them."""
