"""What a PDF holds, as another program reads it: `read.py FILE` prints JSON."""

import json
import sys

import pypdf


def outline(entries):
    flat = []
    for entry in entries:
        flat.extend(outline(entry) if isinstance(entry, list) else [entry.title])
    return flat


def roles(node, found):
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            roles(child, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found[node["/S"]] = found.get(node["/S"], 0) + 1
        if "/K" in node:
            roles(node["/K"], found)
    return found


reader = pypdf.PdfReader(sys.argv[1], strict=True)
catalog = reader.trailer["/Root"]
fonts, links = {}, 0
for page in reader.pages:
    for font in page["/Resources"].get("/Font", {}).values():
        font = font.get_object()
        inside = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        is_embedded = any(name in inside for name in ("/FontFile2", "/FontFile3"))
        fonts[font["/BaseFont"]] = is_embedded and "/ToUnicode" in font
    links += sum(1 for one in page.get("/Annots", []) if one.get_object()["/Subtype"] == "/Link")
print(
    json.dumps(
        {
            "pages": [page.extract_text() for page in reader.pages],
            "lang": catalog["/Lang"],
            "is_marked": bool(catalog["/MarkInfo"]["/Marked"]),
            "title": reader.xmp_metadata.dc_title.get("x-default") or next(iter(reader.xmp_metadata.dc_title.values())),
            "authors": reader.xmp_metadata.dc_creator,
            "created": reader.xmp_metadata.xmp_create_date.isoformat(),
            "standards": [reader.xmp_metadata.pdfaid_part, reader.xmp_metadata.pdfaid_conformance],
            "outline": outline(reader.outline),
            "fonts": fonts,
            "links": links,
            "roles": roles(catalog["/StructTreeRoot"], {}),
        }
    )
)
