"""What citizens say of replies: whether they solved the matter, and what follows where they did not."""
