"""Words that columns are called by, in English, German, French, Spanish and Italian."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# Field of a map → names of columns, without case, accents, blanks and signs. The first name that
# fits a column wins; the more of the column's name it covers, the surer.
NAMES: Mapping[str, tuple[str, ...]] = {
    name: tuple(words.split())
    for name, words in {
        "external_id": "orderid ordernumber orderno ordernr orderref orderreference order"
        " invoiceno invoicenumber invoiceid invoice inv bestellnummer bestellnr bestellung"
        " auftragsnummer auftragsnr auftrag rechnungsnummer rechnungsnr belegnummer belegnr"
        " numerocommande commande numeropedido pedido numeroordine ordine receiptno receipt"
        " transactionid",
        "placed_at": "orderdate orderedat orderedon ordertime placedat placedon createdat"
        " invoicedate purchasedate purchasedat saledate transactiondate bestelldatum"
        " auftragsdatum rechnungsdatum belegdatum datecommande fechapedido dataordine datetime"
        " timestamp date datum fecha data",
        "channel_customer_id": "customerid customerno customernumber customernr customercode"
        " customer accountnumber accountno account acct buyerid userid clientid kundennummer"
        " kundennr kundenid numeroclient idcliente",
        "buyer_name": "customername buyername clientname fullname billingname kundenname kunde"
        " besteller acheteur cliente name",
        "first_name": "firstname vorname givenname prenom forename",
        "last_name": "lastname nachname surname familyname familienname",
        "email": "emailaddress email mailadresse mail correo",
        "phone": "phonenumber phone telephone telefonnummer telefon mobile tel telefono",
        "recipient": "shippingname shiptoname shipto recipientname recipient empfaenger empfanger"
        " liefername destinataire",
        "company": "shippingcompany companyname company firma societe empresa",
        "address_1": "shippingaddress1 shiptoaddress1 addressline1 address1 shippingstreet street1"
        " streetaddress street strasse straße lieferadresse address anschrift adresse direccion",
        "address_2": "shippingaddress2 addressline2 address2 street2 adresszusatz adresse2",
        "city": "shippingcity shiptocity city town ort stadt wohnort ville ciudad citta",
        "postal_code": "shippingzip shippingpostcode shippingpostalcode shiptozip postalcode"
        " postcode zipcode zip plz postleitzahl codepostal codigopostal cap",
        "region": "shippingprovince shippingstate province state region bundesland county",
        "country": "shippingcountry shiptocountry countrycode countryname country lieferland land"
        " pays pais paese",
        "sku": "lineitemsku variantsku productsku itemsku sku stockcode itemcode itemno"
        " itemnumber productcode productno productid articleno articlenumber articlecode"
        " artikelnummer artikelnr artnr referenciaproducto codearticle article",
        "title": "lineitemname productname producttitle itemname itemtitle productdescription"
        " itemdescription description title artikelbezeichnung artikelname bezeichnung product"
        " item produkt artikel designation libelle descripcion descrizione",
        "quantity": "lineitemquantity orderedquantity quantityordered quantity qty units pieces"
        " menge anzahl stueckzahl stuckzahl stueck stuck quantite cantidad quantita",
        "unit_price": "lineitemprice unitprice priceperunit itemprice pricepaid saleprice"
        " sellingprice einzelpreis stueckpreis stuckpreis price preis prixunitaire prix"
        " preciounitario precio prezzo",
        "line_total": "linetotal lineamount rowtotal itemtotal positionssumme positionswert"
        " gesamtpreis totalligne subtotal betrag amount montant importe sales revenue",
        "discount": "lineitemdiscount linediscount itemdiscount discountamount discount rabatt"
        " nachlass remise descuento sconto",
        "tax": "linetax itemtax taxamount tax vatamount vat mwst ust steuer tva iva",
        "total": "ordertotal grandtotal invoicetotal totalprice total gesamtbetrag gesamtsumme"
        " rechnungsbetrag auftragswert",
        "currency": "currencycode currency waehrung wahrung devise moneda valuta",
        "note": "ordernote customernote notes note comments comment bemerkung anmerkung kommentar",
        "language": "language locale sprache langue idioma",
        "payment_method": "paymentmethod paymenttype payment zahlungsart zahlungsweise paiement",
        "channel": "saleschannel channel kanal verkaufskanal shop store marketplace",
        "shipping": "shippingcosts shippingcost shippingamount shippingfee shippingprice shipping"
        " deliverycost deliveryfee postage freight versandkosten versand porto fracht"
        " fraisdeport livraison gastosdeenvio",
        "order_discount": "orderdiscount totaldiscount gesamtrabatt warenkorbrabatt",
    }.items()
}

# What a SKU stands for that is none: kind → words of its code or title.
CHARGES: Mapping[str, tuple[str, ...]] = {
    "gift_card": ("gift voucher", "gift card", "giftcard", "gutschein", "carte cadeau"),
    "wrap": ("gift wrap", "giftwrap", "geschenkverpackung", "emballage cadeau"),
    "shipping": (
        "postage", "carriage", "shipping", "delivery", "freight", "versand", "porto", "fracht",
        "livraison", "frais de port", "envio",
    ),
    "duty": ("customs", "import duty", "zoll", "douane"),
    "discount": ("discount", "rabatt", "coupon", "nachlass", "remise", "descuento"),
    "fee": (
        "fee", "bank charge", "commission", "surcharge", "gebuhr", "gebuehr", "zuschlag", "frais",
    ),
    "adjustment": ("adjust", "manual", "bad debt", "correction", "korrektur"),
    "other": ("sample", "muster"),
}  # fmt: skip

RETURNED = ("return", "returned", "refund", "refunded", "credit", "retoure", "retour", "gutschrift",
            "ruckgabe", "ruckerstattung", "devolucion", "reso")  # fmt: skip
CANCELLED = ("cancel", "cancelled", "canceled", "cancellation", "storno", "storniert", "annule",
             "annulation", "cancelado", "annullato")  # fmt: skip

SYMBOLS: Mapping[str, str] = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "zł": "PLN"}


def plain(text: str) -> str:
    """Without case and accents, blanks single."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def name_fit(column: str, field: str) -> float:
    """How well a column's name says that it is a field: 1 for one of its names, 0 for none.

    A name that is a part of the column's counts by the share that it covers.
    """
    letters = re.sub(r"[^a-z0-9]", "", plain(column))
    best = 0.0
    for name in NAMES[field]:
        if letters == name:
            return 1.0
        if len(name) >= 4 and name in letters:
            best = max(best, 0.4 + 0.5 * len(name) / len(letters))
    return best
