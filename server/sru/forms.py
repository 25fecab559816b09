"""What differs between the protocol versions in an answer: namespaces, element names, and which elements there are."""

from collections.abc import Mapping
from dataclasses import dataclass

from server import xmlio
from server.sru.asked import Version
from server.sru.diagnostics import Diagnostic
from server.sru.media import OURS
from server.xmlio import element, escape, escape_attribute, without_forbidden


@dataclass(frozen=True, slots=True)
class Form:
    """One version's answers.

    `namespace` of explain and searchRetrieve, `scan_namespace` of scan; `packing` names the element that says xml or string.
    `facets_inside`: facets and analysis have places of their own (2.0) or go into extraResponseData.
    """

    version: Version
    namespace: str
    scan_namespace: str
    diagnostic_namespace: str
    packing: str
    facets_inside: bool

    @property
    def version_element(self) -> str:
        """The version of the answer, which 2.0 no longer tells."""
        return "" if self.version == "2.0" else f"<zs:version>{self.version}</zs:version>"


FORMS: Mapping[Version, Form] = {
    "1.1": Form("1.1", xmlio.SRW, xmlio.SRW, xmlio.SRW_DIAGNOSTIC, "recordPacking", facets_inside=False),
    "1.2": Form("1.2", xmlio.SRW, xmlio.SRW, xmlio.SRW_DIAGNOSTIC, "recordPacking", facets_inside=False),
    "2.0": Form("2.0", xmlio.SRU_RESPONSE, xmlio.SRU_SCAN, xmlio.SRU_DIAGNOSTIC, "recordXMLEscaping", facets_inside=True),
}


def opening(name: str, namespace: str, stylesheet: str) -> str:
    """XML declaration, stylesheet instruction and root start tag. The prefix is the one that YAZ and Koha's servers use."""
    instruction = f'<?xml-stylesheet type="text/xsl" href="{escape_attribute(stylesheet)}"?>\n' if stylesheet else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{instruction}<zs:{name} xmlns:zs="{namespace}">'


def diagnostics_element(form: Form, diagnostics: tuple[Diagnostic, ...]) -> str:
    """The block of diagnostics, or nothing."""
    if not diagnostics:
        return ""
    inside = "".join(f"<diag:diagnostic>{_diagnostic_children(one, 'diag:')}</diag:diagnostic>" for one in diagnostics)
    return f'<zs:diagnostics xmlns:diag="{form.diagnostic_namespace}">{inside}</zs:diagnostics>'


def surrogate(form: Form, diagnostic: Diagnostic) -> str:
    """A diagnostic as record data, with a namespace declaration of its own."""
    return f'<diagnostic xmlns="{form.diagnostic_namespace}">{_diagnostic_children(diagnostic, "")}</diagnostic>'


def _diagnostic_children(diagnostic: Diagnostic, prefix: str) -> str:
    details = without_forbidden(diagnostic.details)
    return (
        element(f"{prefix}uri", diagnostic.uri)
        + (element(f"{prefix}details", details) if details else "")
        + element(f"{prefix}message", without_forbidden(diagnostic.text))
    )


def extra_parameters(sent: Mapping[str, str]) -> str:
    """Extensions of the request (`x-...`) for an echo of 1.x or of scan, which take only elements of foreign namespaces."""
    inside = "".join(
        f'<x:parameter xmlns:x="{OURS}" name="{escape_attribute(name)}">{escape(value)}</x:parameter>'
        for name, value in sent.items()
        if name.startswith("x-") and not name.startswith(("x-username", "x-password"))
    )
    return f"<zs:extraRequestData>{inside}</zs:extraRequestData>" if inside else ""
