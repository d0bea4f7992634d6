"""Prints what was measured beside its limit, and which aims were reached."""

from typing import Any

HEAD = f"{'':28}{'clients':>8}{'p50 ms':>9}{'p95 ms':>9}{'per s':>9}{'limit per s':>13}{'ratio':>8}   CPU ms: web, PostgreSQL, client"


class Table:
    """Rows are kept for the verdict."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def head(self, size: str, text: str) -> None:
        print(f"\n── {size}: {text} " + "─" * 40, flush=True)

    def figure(self, size: str, what: str, value: float, unit: str) -> None:
        self.rows.append({"size": size, "what": what, "value": value})
        print(f"{what:44}{value:9.1f} {unit}", flush=True)

    def add(self, **row: Any) -> None:
        if not any("clients" in known and known["size"] == row["size"] for known in self.rows):
            print(HEAD)
        self.rows.append(row)
        print(
            f"{row['what']:28}{row['clients']:8}{row['p50']:9.1f}{row['p95']:9.1f}{row['rate']:9.0f}"
            f"{'':21}   {row['cpu_web']:.2f}, {row['cpu_postgres']:.2f}, {row['cpu_client']:.2f}",
            flush=True,
        )

    def limit(self, what: str, clients: int, rate: float, ms: float, name: str) -> None:
        """The limit of the row just added."""
        row = self.rows[-1]
        row.update(limit=rate, limit_ms=ms, ratio=row["rate"] / rate)
        print(f"{'  ' + name:28}{clients:8}{ms:9.2f}{'':18}{rate:13.0f}{row['ratio']:8.2f}", flush=True)

    def cost(self, size: str, what: str, with_: float, without: float, name: str) -> None:
        """Milliseconds of something guarded, beside its limit: the same without. How many times as long it takes."""
        self.rows.append({"size": size, "what": what, "p50": with_, "limit_ms": without, "times": with_ / without})
        print(f"{what:48}{with_:9.2f} ms{without:9.2f} ms {name}{with_ / without:8.2f} ×", flush=True)

    def verdict(self) -> None:
        """The aims, and what was reached at the largest size."""
        sizes = list(dict.fromkeys(row["size"] for row in self.rows))
        if not sizes:
            return
        small, large = sizes[0], sizes[-1]
        print("\n── Aims " + "─" * 70)
        for size in sizes:
            for what in ("create, known customer", "create, new customer"):
                self._aim(f"{size}: {what}, 8 clients, of pgbench", self._get(size, what, 8, "ratio"), 0.25, ">=")
            self._aim(f"{size}: batch, of COPY", self._get(size, "batch of 1,000", 1, "ratio"), 0.5, ">=")
        for what in ("queue, first page", "queue, deep page", "need page"):
            self._aim(f"{large}: {what}, p50 ms", self._get(large, what, 1, "p50"), 20, "<=")
        for length in (2, 3, 4):
            self._aim(f"{large}: search, {length} characters, p95 ms", self._get(large, f"search, {length} characters", 1, "p95"), 60, "<=")
        if small != large:
            for row in [row for row in self.rows if row["size"] == large and row.get("clients") == 1]:
                before = self._get(small, row["what"], 1, "p50")
                if before and not row["what"].startswith(("create", "batch", "reply")):
                    self._aim(f"{row['what']}: p50 at {large} / at {small}", row["p50"] / before, 1.3, "<=")
        for row in self.rows:
            if row["what"].startswith("memory"):
                self._aim(f"{row['size']}: {row['what']}, MB", row["value"], 350, "<=")

    def _get(self, size: str, what: str, clients: int, name: str) -> float | None:
        for row in self.rows:
            if row["size"] == size and row["what"] == what and row.get("clients") == clients:
                return row.get(name)
        return None

    def _aim(self, what: str, value: float | None, aim: float, sign: str) -> None:
        if value is not None:
            reached = value >= aim if sign == ">=" else value <= aim
            print(f"{'reached' if reached else 'MISSED ':8} {what:64}{value:9.2f}  (aim {sign} {aim:g})")
