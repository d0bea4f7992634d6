"""Small files of every kind, made here byte by byte."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\0" * 200 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 100
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
EXE = b"MZ\x90\0" + b"\0" * 200
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def packed(entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


DOCX = packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})
XLSX = packed({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})

KEPT = {
    "票.jpg": (JPEG, "image/jpeg"), "a.JPEG": (JPEG, "image/jpeg"), "a.png": (PNG, "image/png"), "a.gif": (b"GIF89a" + b"\0" * 50, "image/gif"),
    "a.webp": (b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 50, "image/webp"), "a.bmp": (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0" + b"\0" * 50, "image/bmp"),
    "a.tif": (b"II*\0" + b"\0" * 50, "image/tiff"), "a.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 50, "image/heic"),
    "合同.pdf": (b"%PDF-1.7\n" + b"x" * 50, "application/pdf"), "a.doc": (OLE, "application/x-ole-storage"), "a.wps": (OLE, "application/x-ole-storage"),
    "a.docx": (DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "a.xlsx": (XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "a.ofd": (packed({"OFD.xml": b"<x/>", "Doc_0/Document.xml": b"<x/>"}), "application/ofd"),
    "a.odt": (packed({"mimetype": b"x", "content.xml": b"<x/>"}), "application/vnd.oasis.opendocument"),
    "a.rtf": (b"{\\rtf1\\ansi hello}", "application/rtf"), "a.mp3": (b"ID3\x04\0\0\0\0\0\0" + b"\0" * 80, "audio/mpeg"),
    "a.wav": (b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 50, "audio/wav"), "a.amr": (b"#!AMR\n" + b"\0" * 50, "audio/amr"),
    "a.m4a": (b"\0\0\0\x18ftypM4A \0\0\0\0isommp42" + b"\0" * 50, "audio/mp4"), "a.mp4": (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + b"\0" * 50, "video/mp4"),
    "a.mov": (b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0" * 50, "video/quicktime"), "a.zip": (packed({"a.txt": b"hi", "b/c.jpg": JPEG}), "application/zip"),
    "名单.csv": ("姓名,电话\n季棠,139".encode("gb18030"), "text/plain"), "a.txt": ("说明".encode(), "text/plain"),
    "a.eml": (b"From: a@b\r\nSubject: x\r\n\r\nhi", "application/octet-stream"),
}  # fmt: skip

REFUSED = {
    "a.exe": EXE, "a.jpg": EXE, "照片.jpg.exe": JPEG, "a.pdf": b"<!DOCTYPE html><script>alert(1)</script>", "a.html": b"hello", "a.svg": b"<svg/>",
    "a.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "b.txt": b"\xef\xbb\xbf  <html><body>", "a.sh": b"echo", "c.txt": b"#!/bin/sh\nrm",
    "a.bat": b"@echo off", "a.js": b"1", "a.php": b"<?php", "d.txt": b"\x00\x01\x02binary", "a.bin": b"1234", "noending": b"text", "a.docm": DOCX,
    "e.docx": packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>", "word/vbaProject.bin": b"x"}), "f.docx": JPEG, "g.jpg": PNG,
    "h.zip": b"PK\x03\x04" + b"\0" * 60, "i.zip": packed({"setup.exe": EXE}), "j.zip": packed({"inner.zip": packed({"a": b"b"})}),
    "k.zip": packed({"page.html": b"<html>"}), "l.docx": packed({"a.txt": b"hi"}), "m.rar": b"Rar!\x1a\x07\x01\x00", "n.xml": b"<?xml version='1.0'?>",
    "o.lnk": b"L\0\0\0", "p.elf": b"\x7fELF", "q.txt": b"\x7fELF\x02\x01\x01", "r.csv": b"\xff\xfe\x00\x00\xff\xff\x81",
}  # fmt: skip


def upload(name: str, content: bytes, said: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=said)
