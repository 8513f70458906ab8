/** What the mock says no to, in the API's own shape. */
export class Problem extends Error {
  constructor(status, code, detail, field) {
    super(detail);
    this.status = status;
    this.body = { type: `about:blank#${code}`, title: code.replaceAll("_", " "), status, code, detail };
    if (field) this.body.field = field;
  }
}

export const invalid = (detail, field) => new Problem(422, "invalid", detail, field);
export const refused = (code, detail, field) => new Problem(409, code, detail, field);
export const notFound = (what) => new Problem(404, "not_found", `There is no such ${what}.`);
