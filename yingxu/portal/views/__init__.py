"""The pages customers see, and the staff's pages about them."""
