"""`baton message`: what customers are told, in which words, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from baton.cli import order_page
from baton.cli.command import Here, command, part
from baton.cli.output import fields, moment, table
from baton.cli.problem import Problem

area = typer.Typer(
    name="message", help="Messages: what customers are told and say.", no_args_is_help=True
)
template_area = typer.Typer(
    name="template", help="Words of your own for a kind of message.", no_args_is_help=True
)

Number = Annotated[str, typer.Argument(help="Number or id of an order.")]
Kind = Annotated[str, typer.Argument(help="Kind of the message, like shipped.")]
Language = Annotated[str, typer.Option(help="Like de or en-GB.")]
Medium = Annotated[str, typer.Option(help="mail or sms.")]
Folder = Annotated[
    Path, typer.Argument(help="Folder with subject.txt, text.txt and, for mail, body.html.")
]
PARTS = {"subject": "subject.txt", "text": "text.txt", "html": "body.html"}


@command(area, "list")
def messages(here: Here, number: Number) -> None:
    """Show what the customer was told about an order."""
    with here.client() as client:
        answer = client.get(f"{order_page.path(number)}/messages")
    here.show(answer, _told)


@command(area, "show")
def show(
    here: Here, number: Number, message: Annotated[str, typer.Argument(help="Id of a message.")]
) -> None:
    """Show one message word for word, as it was sent."""
    with here.client() as client:
        page = client.get(f"{order_page.path(number)}/messages")
    found = next((each for each in page["data"] if each["id"] == message), None)
    if found is None:
        raise Problem(f"Order {number} has no message {message}.", field="MESSAGE")
    here.show(found, _words)


@command(area, "resend")
def resend(
    here: Here, number: Number, message: Annotated[str, typer.Argument(help="Id of a message.")]
) -> None:
    """Send the very same words to the same person once more."""
    path = f"{order_page.path(number)}/messages/{part(message)}/resend"
    with here.client() as client:
        answer = client.post(path)
    here.show(answer, lambda said: typer.echo(f"{said['id']} goes to {said['recipient']}"))


@command(area, "preview")
def preview(
    here: Here,
    kind: Kind,
    language: Language = "en",
    medium: Medium = "mail",
    order: Annotated[
        str | None, typer.Option(help="A real order instead of a made-up one.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--from", help="A template's folder that is not saved yet.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the HTML into this file.")] = None,
) -> None:
    """Show what a message would look like; nothing is sent."""
    body = {"kind": kind, "language": language, "medium": medium, "order": order}
    if folder is not None:
        body |= _read(folder)
    with here.client() as client:
        answer = client.post("/v1/notifications/preview", body)
    if html is not None:
        html.write_text(answer["html"], encoding="utf-8")
    here.show(answer, _words)


@command(area, "preferences")
def preferences(
    here: Here,
    channel: Annotated[str | None, typer.Option(help="Code of one channel; else all.")] = None,
    language: Annotated[str | None, typer.Option(help="The shop's own language.")] = None,
    quiet: Annotated[str | None, typer.Option(help="When no text is sent: 21:00-08:00.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Of the quiet hours.")] = None,
    off: Annotated[list[str] | None, typer.Option(help="A kind not to be told.")] = None,
    ask_after: Annotated[
        int | None, typer.Option(min=-1, help="Days until a rating is asked for; -1 for never.")
    ] = None,
) -> None:
    """Show what is wanted of messages; with options, change that first."""
    wanted: dict[str, Any] = {"language": language, "time_zone": time_zone, "off": off or None}
    if quiet is not None:
        wanted["quiet_start"], _, wanted["quiet_end"] = quiet.partition("-")
    if ask_after is not None:
        wanted["ask_after_days"] = ask_after if ask_after >= 0 else None
    given = {key: value for key, value in wanted.items() if value is not None}
    if ask_after is not None:
        given["ask_after_days"] = wanted["ask_after_days"]
    with here.client() as client:
        page = client.get("/v1/notifications/preferences")
        if given:
            before = next((p for p in page["data"] if p["channel"] == channel), page["data"][0])
            body = before | given | {"channel": channel}
            client.call("PUT", "/v1/notifications/preferences", body)
            page = client.get("/v1/notifications/preferences")
    here.show(page, _preferred)


@command(area, "csat")
def csat(
    here: Here,
    since: Annotated[str | None, typer.Option(help="First day, like 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day.")] = None,
    by: Annotated[str, typer.Option(help="day, week or month.")] = "month",
) -> None:
    """Show how satisfied customers are, and what they wrote."""
    with here.client() as client:
        answer = client.get("/v1/csat", since=since, until=until, by=by)
    here.show(answer, _satisfied)


@command(template_area, "list")
def templates(here: Here) -> None:
    """List the places with words of your own; everywhere else the built-in ones count."""
    with here.client() as client:
        answer = client.get("/v1/notifications/templates")
    headings = ("Kind", "Language", "Medium", ">Version", "Counts", "Saved", "By")
    here.show(
        answer,
        lambda page: table(
            headings,
            [
                (t["kind"], t["language"], t["medium"], t["version"],
                 "no" if t["withdrawn"] else "yes", moment(t["saved_at"]), t["author"])
                for t in page["data"]
            ],
        ),
    )  # fmt: skip


@command(template_area, "show")
def show_template(
    here: Here,
    kind: Kind,
    language: Language = "en",
    medium: Medium = "mail",
    to: Annotated[Path | None, typer.Option(help="Write its parts into this folder.")] = None,
) -> None:
    """Show the template that counts: the built-in one is a good start for your own."""
    query = {"kind": kind, "language": language, "medium": medium}
    with here.client() as client:
        answer = client.get("/v1/notifications/template", **query)
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
        for key, name in PARTS.items():
            if medium == "mail" or key == "text":
                (to / name).write_text(answer[key], encoding="utf-8")
    here.show(answer, _words)


@command(template_area, "save")
def save_template(
    here: Here,
    kind: Kind,
    folder: Folder,
    language: Language = "en",
    medium: Medium = "mail",
) -> None:
    """Save words of your own; they count from now on. A broken one is refused with its line."""
    body = {"kind": kind, "language": language, "medium": medium} | _read(folder)
    with here.client() as client:
        answer = client.call("PUT", "/v1/notifications/template", body)
    here.show(answer, lambda said: typer.echo(f"version {said['version']} counts from now on"))


@command(template_area, "withdraw")
def withdraw_template(
    here: Here, kind: Kind, language: Language = "en", medium: Medium = "mail"
) -> None:
    """Let the built-in words count again; every version of yours stays."""
    body = {"kind": kind, "language": language, "medium": medium}
    with here.client() as client:
        answer = client.post("/v1/notifications/template/withdraw", body)
    here.show(answer, lambda _said: typer.echo("the built-in words count from now on"))


def _read(folder: Path) -> dict[str, str]:
    if not (folder / PARTS["text"]).is_file():
        raise Problem(f"There is no {PARTS['text']} in {folder}.", field="FOLDER")
    found = {key: folder / name for key, name in PARTS.items()}
    return {key: p.read_text(encoding="utf-8") for key, p in found.items() if p.is_file()}


def _told(page: Any) -> None:
    table(
        ("Id", "Kind", "By", "To", "State", "Written", "Sent", "Subject"),
        [
            (m["id"], m["kind"], m["medium"], m["recipient"], m["state"],
             moment(m["created_at"]), moment(m["sent_at"]), m["subject"])
            for m in page["data"]
        ],
    )  # fmt: skip


def _words(said: Any) -> None:
    if said["subject"]:
        typer.echo(f"Subject: {said['subject']}\n")
    typer.echo(said["text"])


def _preferred(page: Any) -> None:
    for each in page["data"]:
        fields(
            [
                ("channel", each["channel"] or "all others"),
                ("language", each["language"]),
                ("no texts", f"{each['quiet_start']}-{each['quiet_end']} {each['time_zone']}"),
                ("not told", ", ".join(each["off"])),
                ("asks after", f"{each['ask_after_days']} days"
                 if each["ask_after_days"] is not None else "never"),
            ]
        )  # fmt: skip


def _satisfied(answer: Any) -> None:
    table(
        ("Period", "Asked about", ">Ratings", ">Average", ">1", ">2", ">3", ">4", ">5"),
        [
            (s["period"], s["asked"], s["ratings"], s["average"], *s["scores"])
            for s in answer["data"]
        ],
    )
    for each in answer["latest"]:
        if each["comment"]:
            typer.echo(f"{each['score']}  {each['comment']}")
