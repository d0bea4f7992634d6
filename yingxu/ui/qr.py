"""QR codes as a path to be drawn, without an image."""


def qr(text: str) -> tuple[int, str]:
    """(size, path data) of a QR code with a quiet edge of two cells."""
    import qrcode  # here, since few processes ever draw one

    code = qrcode.QRCode(border=2)
    code.add_data(text)
    code.make()
    cells = code.get_matrix()
    path_data = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(cells) for x, on in enumerate(row) if on)
    return len(cells), path_data
