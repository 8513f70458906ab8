// The example company of the mock: what it sells, from where, to whom. No person is real.

export const id = (() => {
  let last = 0;
  const letters = "0123456789abcdefghjkmnpqrstvwxyz";
  return (prefix) => {
    let number = ++last * 7919;
    let text = "";
    for (let place = 0; place < 25; place++) {
      text = letters[number % 32] + text;
      number = place < 12 ? Math.floor(number / 32) + ((place * 11) % 7) : Math.floor(number / 32);
    }
    return `${prefix}_0${text}`;
  };
})();

/** Repeatable numbers: mulberry32. */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    pick: (list) => list[Math.floor(next() * list.length)],
    happens: (share) => next() < share,
  };
}

export const PASSWORD = "baton";

const nora = id("usr");

export const session = {
  actor: `user:${nora}`,
  permissions: [
    "catalog:read", "channels:read", "customers:read", "events:read", "fulfillment:read", "fulfillment:work",
    "locations:read", "notifications:read", "orders:cancel", "orders:edit", "orders:hold", "orders:read",
    "orders:write", "payments:read", "returns:read", "routing:read", "routing:write", "shipping:read",
    "shipping:track", "stock:read", "stock:write", "work:read", "work:write",
  ],
  location_ids: null,
  user: {
    id: nora,
    email: "nora@fjordandfell.example",
    name: "Nora Lindqvist",
    roles: ["operations"],
    location_ids: null,
    created_at: "2026-01-05T08:00:00Z",
    disabled_at: null,
  },
  merchant: { handle: "fjord-and-fell", name: "Fjord & Fell" },
};

const place = (prefix, code, name, more = {}) => ({ id: id(prefix), code, name, ...more });

export const channels = [
  place("chn", "web-eu", "Webshop Europe"),
  place("chn", "web-uk", "Webshop UK"),
  place("chn", "app", "App"),
  place("chn", "zalano", "Zalano marketplace", { mustAccept: true, external: true }),
  place("chn", "wholesale", "Wholesale"),
];

export const locations = [
  place("loc", "HAM-DC", "Hamburg distribution centre", { kind: "warehouse", km: 290, pick: 45, pack: 60 }),
  place("loc", "ROT-DC", "Rotterdam distribution centre", { kind: "warehouse", km: 510, pick: 40, pack: 65 }),
  place("loc", "BER-MITTE", "Berlin Mitte", { kind: "store", km: 28, pick: 95, pack: 120 }),
  place("loc", "CPH-STROGET", "Copenhagen Strøget", { kind: "store", km: 355, pick: 110, pack: 130 }),
  place("loc", "LON-SOHO", "London Soho", { kind: "store", km: 930, pick: 105, pack: 125 }),
  place("loc", "AMS-9STR", "Amsterdam Negen Straatjes", { kind: "store", km: 580, pick: 100, pack: 120 }),
  place("loc", "3PL-LEJ", "Leipzig partner", { kind: "third party", km: 165, pick: 70, pack: 80 }),
  place("loc", "SUP-PORTO", "Porto knitwear (supplier)", { kind: "supplier", km: 2110, pick: 60, pack: 90 }),
];

const sku = (code, title, price, weight) => ({ sku: code, title, price, weight });

export const catalog = [
  sku("FF-PARKA-M-SLA-M", "Skarv parka, slate, M", 32900, 1450),
  sku("FF-PARKA-W-RST-S", "Skarv parka, rust, S", 32900, 1320),
  sku("FF-KNIT-ISL-GRY-L", "Islay lambswool jumper, grey, L", 12900, 520),
  sku("FF-KNIT-ISL-NVY-M", "Islay lambswool jumper, navy, M", 12900, 500),
  sku("FF-BOOT-TUNDRA-42", "Tundra boot, brown, 42", 21900, 1700),
  sku("FF-BOOT-TUNDRA-39", "Tundra boot, black, 39", 21900, 1520),
  sku("FF-SOCK-MER-3P", "Merino socks, three pairs", 3900, 180),
  sku("FF-BEAN-RIB-OCH", "Ribbed beanie, ochre", 3500, 90),
  sku("FF-SHELL-3L-BLK-M", "Hornsund 3-layer shell, black, M", 41900, 480),
  sku("FF-BASE-W200-S", "Base layer W200, women's, S", 6900, 210),
  sku("FF-PACK-28-MOS", "Daypack 28 l, moss", 14900, 980),
  sku("FF-BOTTLE-750", "Steel bottle, 750 ml", 2900, 340),
  sku("FF-GLOVE-LTH-9", "Lined leather gloves, 9", 7900, 160),
  sku("FF-TENT-2P-SND", "Two-person tent, sand", 48900, 2350),
  sku("FF-LAMP-500", "Head torch, 500 lm", 5900, 110),
  sku("FF-MUG-ENAMEL", "Enamel mug", 1900, 150),
];

const street = (line, postal_code, city, country, region = "") => ({ line, postal_code, city, country, region });

export const people = [
  ["Anneke de Wit", street("Brouwersgracht 118-2", "1013 HA", "Amsterdam", "NL")],
  ["Jürgen Köhler", street("Oderberger Straße 44", "10435", "Berlin", "DE")],
  ["Siobhán O’Leary", street("7 Fitzwilliam Lane", "D02 XE80", "Dublin", "IE")],
  ["Mads Holm Sørensen", street("Istedgade 61, 3. tv", "1650", "København V", "DK")],
  ["Élodie Marchand", street("23 rue des Récollets", "75010", "Paris", "FR")],
  ["Tomasz Wiśniewski", street("ul. Mokotowska 12/4", "00-561", "Warszawa", "PL")],
  ["Priya Raghunathan", street("Flat 9, 41 Lamb’s Conduit St", "WC1N 3NG", "London", "GB")],
  ["Giulia Ferrante", street("Via Madonna Cristina 30", "10125", "Torino", "IT")],
  ["Aino Korhonen", street("Vaasankatu 17 B 22", "00500", "Helsinki", "FI")],
  ["Ruben Castaño", street("Calle del Pez 8, 2ºB", "28004", "Madrid", "ES")],
  ["Hanna Bergström", street("Bondegatan 51", "116 33", "Stockholm", "SE")],
  ["Oliver Whitcombe", street("15 Park Row", "BS1 5LJ", "Bristol", "GB")],
  ["Ngozi Adeyemi", street("Kottbusser Damm 73", "10967", "Berlin", "DE")],
  ["Lukas Steiner", street("Neubaugasse 36/14", "1070", "Wien", "AT")],
  ["ליאור בן־דוד", street("Prenzlauer Allee 210", "10405", "Berlin", "DE")],
  ["Marta Kowalczyk", street("ul. Długa 5", "31-147", "Kraków", "PL")],
  ["Femke van den Bosch", street("Korte Minrebroederstraat 9", "3512 GG", "Utrecht", "NL")],
  ["Northwind Outfitters GmbH", street("Große Elbstraße 145f", "22767", "Hamburg", "DE")],
];

export function address([name, at]) {
  return {
    name,
    lines: [at.line],
    city: at.city,
    country: at.country,
    postal_code: at.postal_code,
    region: at.region,
    company: "",
  };
}
