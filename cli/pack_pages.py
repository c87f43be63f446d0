"""What is told about packs, for people."""

from collections.abc import Iterator, Sequence
from textwrap import indent

from packs.report import PackReport


def pack_page(reports: Sequence[PackReport]) -> str:
    """A line for every pack, and below it what is wrong with it."""
    width = max(len(report.name) for report in reports)
    return "\n".join(line for report in reports for line in lines(report, width))


def lines(report: PackReport, width: int) -> Iterator[str]:
    """What is told about one pack. width: of the longest name."""
    about = [report.state]
    if report.state == "loaded":
        about.append(f"{len(report.nodes)} node{'' if len(report.nodes) == 1 else 's'}")
    if report.state != "disabled":
        about.append(f"{report.seconds:.2f} s")
    about += [part for part in (report.version, report.licence, report.source) if part]
    yield f"{report.name:<{width}}  {', '.join(about)}"
    for text in (report.problem, report.remedy):
        if text:
            yield f"    {text}"
    for warning in report.warnings:
        yield f"    its import {warning}"
    for refusal in report.refused:
        yield f"    node {refusal.node} is left out: {refusal.problem} {refusal.remedy}".rstrip()
    if report.traceback:
        yield indent(report.traceback.rstrip(), "    | ")
