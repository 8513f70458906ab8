"""Says in a PDF's metadata that the XML inside is a Factur-X invoice.

typst writes the PDF/A-3 and attaches the XML; what it can't write is this part of the metadata.
It is added as an incremental update: all bytes before stay as they are.
*Source:* Factur-X 1.0 (ZUGFeRD 2.x), technical appendix 1, section on XMP extension schemas.
"""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import StreamObject

FILE_NAME = "factur-x.xml"
_URN = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentFileName": "name of the embedded XML invoice file",
    "DocumentType": "INVOICE",
    "Version": "The actual version of the Factur-X XML schema",
    "ConformanceLevel": "The conformance level of the embedded Factur-X data",
}
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{_URN}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    + "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{text}</pdfaProperty:description></rdf:li>"
        for name, text in _PROPERTIES.items()
    )
    + "</rdf:Seq></pdfaSchema:property></rdf:li>"
)
_SAID = (
    f'<rdf:Description rdf:about="" xmlns:fx="{_URN}">'
    "<fx:DocumentType>INVOICE</fx:DocumentType>"
    f"<fx:DocumentFileName>{FILE_NAME}</fx:DocumentFileName>"
    "<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>"
    "</rdf:Description>"
)
_SCHEMAS_END, _RDF_END = "</rdf:Bag></pdfaExtension:schemas>", "</rdf:RDF>"


def with_profile(pdf: bytes) -> bytes:
    """The PDF/A-3 of typst with the metadata of Factur-X. The same bytes give the same bytes."""
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    metadata = writer.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    said = metadata.get_data().decode()
    assert said.count(_SCHEMAS_END) == said.count(_RDF_END) == 1, "typst's metadata looks otherwise"
    said = said.replace(_SCHEMAS_END, _SCHEMA + _SCHEMAS_END).replace(_RDF_END, _SAID + _RDF_END)
    metadata.set_data(said.encode())
    made = BytesIO()
    writer.write(made)
    return made.getvalue()
