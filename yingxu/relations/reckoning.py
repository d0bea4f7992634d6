"""What the rules say of every customer, in one statement, kept beside the reckoning until all of it is applied.

Dealings are needs (the day they were registered; worth points once they are settled) and contracts (the day they were signed; worth points by
the yuan). A need with a higher level or a narrower circle than its customer's file is left out: who may see the file may read the
figures, and must not learn from them what they may not see. For the same reason a size is only taken from a field whose
section has no higher level than the file, and of the order of all customers nothing is kept but the share that stands before one.

`figures`: `needs` and `contracts` in the window, `need_points` and `contract_yuan` of them, `earlier` the contribution of the window before,
`times` dealings in the window, `first` and `last` day, `back` the day of the last comeback, `since` the day the customer began, `share`
in per cent, `size` the number the size was taken from. `from` is the first day of the window.
"""

from datetime import date, timedelta
from typing import Any

import msgspec
from django.db import connection

from yingxu.base import clock

from .models import Reckoning
from .shapes import Classification

_FIND = """
INSERT INTO relations_reckoned (reckoning_id, customer_id, contribution, last_on, by_rule, figures)
WITH act AS (
  SELECT n.customer_id AS c, (m.opened_at AT TIME ZONE %(zone)s)::date AS d, 1 AS needs, 0 AS contracts, 0::numeric AS yuan,
         CASE WHEN n.outcome IN ('answered', 'satisfied', 'silent') THEN %(need)s::numeric ELSE 0 END AS need_points
    FROM needs_need n JOIN matters_matter m ON m.id = n.matter_id JOIN matters_matter f ON f.id = n.customer_id
   WHERE n.merged_into_id IS NULL AND n.state <> 'void' AND m.secrecy <= f.secrecy
     AND (m.circle_id IS NULL OR m.circle_id = f.id OR m.circle_id IS NOT DISTINCT FROM f.circle_id)
  UNION ALL
  SELECT customer_id, coalesce(signed_on, begins_on), 0, 1, coalesce(amount, 0), 0
    FROM customers_contract WHERE state NOT IN ('draft', 'cancelled') AND coalesce(signed_on, begins_on) IS NOT NULL AND currency = 'CNY'
), spaced AS (
  SELECT act.*, need_points + yuan * %(yuan)s::numeric AS points, d - lag(d) OVER (PARTITION BY c ORDER BY d) AS gap FROM act WHERE d <= %(day)s::date
), sums AS (
  SELECT c, min(d) AS first_on, max(d) AS last_on, max(d) FILTER (WHERE gap > %(lost)s) AS back_on,
         count(*) FILTER (WHERE d >= %(start)s::date) AS times, coalesce(sum(points) FILTER (WHERE d >= %(start)s::date), 0) AS points,
         coalesce(sum(points) FILTER (WHERE d >= %(before)s::date AND d < %(start)s::date), 0) AS earlier,
         coalesce(sum(needs) FILTER (WHERE d >= %(start)s::date), 0) AS needs, coalesce(sum(contracts) FILTER (WHERE d >= %(start)s::date), 0) AS contracts,
         coalesce(sum(need_points) FILTER (WHERE d >= %(start)s::date), 0) AS need_points, coalesce(sum(yuan) FILTER (WHERE d >= %(start)s::date), 0) AS yuan
    FROM spaced GROUP BY c
), sized AS (
  SELECT v.customer_id AS c, max((v.value #>> '{}')::numeric) AS n
    FROM customers_value v JOIN customers_section s ON s.id = v.section_id JOIN matters_matter f ON f.id = v.customer_id
   WHERE s.code = %(section)s AND v.field = %(field)s AND s.secrecy <= f.secrecy AND (v.value #>> '{}') ~ '^[0-9]{1,15}([.][0-9]+)?$' GROUP BY 1
), every AS (
  SELECT k.matter_id AS c, k.type, coalesce(k.customer_since, x.first_on) AS since, coalesce(x.last_on, k.customer_since) AS last_on, x.first_on,
         x.back_on, coalesce(x.times, 0) AS times, coalesce(x.points, 0) AS points, coalesce(x.earlier, 0) AS earlier, coalesce(x.needs, 0) AS needs,
         coalesce(x.contracts, 0) AS contracts, coalesce(x.need_points, 0) AS need_points, coalesce(x.yuan, 0) AS yuan, z.n AS staff
    FROM customers_customer k LEFT JOIN sums x ON x.c = k.matter_id LEFT JOIN sized z ON z.c = k.matter_id AND k.type = 'organisation'
   WHERE k.merged_into_id IS NULL
), ranked AS (
  SELECT e.*, sum(points) OVER (ORDER BY points DESC, c ROWS UNBOUNDED PRECEDING) - points AS ahead, sum(points) OVER () AS whole FROM every e
), classed AS (
  SELECT r.*,
    CASE WHEN since IS NULL THEN '' WHEN points <= 0 THEN 'C' WHEN ahead * 100 < %(a)s * whole THEN 'A' WHEN ahead * 100 < %(b)s * whole THEN 'B' ELSE 'C' END AS grade,
    CASE WHEN since IS NULL THEN 'prospect'
         WHEN last_on < %(day)s::date - %(lost)s THEN 'lost'
         WHEN back_on >= %(day)s::date - %(back)s THEN 'won_back'
         WHEN since > %(day)s::date - %(new)s THEN 'new'
         WHEN earlier > 0 AND points * 100 <= earlier * %(declining)s THEN 'declining'
         WHEN points > 0 AND points * 100 >= earlier * %(growing)s AND earlier > 0 THEN 'growing'
         WHEN points > 0 AND earlier = 0 AND since >= %(before)s::date THEN 'growing'
         ELSE 'mature' END AS stage,
    CASE WHEN since IS NULL THEN ''
         WHEN since <= %(loyal)s::date AND times >= %(loyal_times)s THEN 'loyal'
         WHEN since <= %(old)s::date THEN 'old' ELSE 'new' END AS tenure,
    coalesce((SELECT code FROM unnest(%(codes)s::text[], %(leasts)s::numeric[]) AS band(code, least) WHERE least <= staff ORDER BY least DESC LIMIT 1), '') AS size
  FROM ranked r
)
SELECT %(run)s, c, points, last_on, jsonb_build_object('grade', grade, 'stage', stage, 'tenure', tenure, 'size', size),
       jsonb_strip_nulls(jsonb_build_object('needs', needs, 'contracts', contracts, 'need_points', need_points, 'contract_yuan', yuan, 'earlier', earlier,
         'times', times, 'first', first_on, 'last', last_on, 'back', back_on, 'since', since, 'size', staff, 'from', %(start)s::date,
         'share', CASE WHEN whole > 0 AND points > 0 THEN round(ahead * 100 / whole, 1) END))
  FROM classed
"""


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def find(run: Reckoning, rules: Classification) -> int:
    """Reckon every customer for the day of this run; returns how many. One statement."""
    section, _dot, field = rules.size.field.partition(".")
    of, life, day = rules.contribution, rules.lifecycle, run.day
    values: dict[str, Any] = {
        "run": run.pk, "zone": str(clock.zone()), "day": day, "start": months_before(day, of.months), "before": months_before(day, of.months * 2),
        "need": of.need, "yuan": of.contract_yuan, "lost": life.lost_days, "back": life.back_days, "new": life.new_days, "growing": life.growing,
        "declining": life.declining, "a": rules.grades.a, "b": rules.grades.b, "old": months_before(day, rules.tenure.old),
        "loyal": months_before(day, rules.tenure.loyal), "loyal_times": rules.tenure.loyal_times, "section": section, "field": field,
        "codes": [band.code for band in rules.size.bands], "leasts": [band.least for band in rules.size.bands],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FIND, values)
        return int(cursor.rowcount)


def classification(content: dict) -> Classification:
    """The rules of a rulebook."""
    return msgspec.convert(content, Classification)
