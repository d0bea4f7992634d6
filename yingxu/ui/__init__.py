"""The look: components, layout, styles, icons, words for values, and the catalogue of all of them."""
