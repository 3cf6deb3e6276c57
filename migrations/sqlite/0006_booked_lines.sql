-- What was booked of a stocktake's line, so that a closing that a lost disk cut off books nothing twice; when goods were
-- last counted, by counts that were stored before this was kept; and an index for what a start reads.

ALTER TABLE stocktake_line ADD COLUMN booked INTEGER CONSTRAINT what_is_booked_has_a_seq CHECK (booked >= 1);

UPDATE stocktake_line SET booked = (
    SELECT max(m.seq) FROM movement m
    WHERE m.origin = stocktake_line.origin AND m.kind = 'count' AND m.sku = stocktake_line.sku
      AND m.lot = stocktake_line.lot AND m.seq > stocktake_line.entry
      AND m.reference = stocktake_line.origin || ':' || stocktake_line.seq)
WHERE counted <> book AND review IS NOT NULL;

CREATE INDEX stocktake_line_that_differs ON stocktake_line (origin, seq) WHERE counted <> book;

INSERT INTO counted (warehouse, sku, lot, at_ms)
SELECT m.origin, m.sku, m.lot, m.hlc / 65536
FROM movement m
JOIN (SELECT c.origin, c.sku, c.lot, max(c.seq) AS seq
      FROM movement c LEFT JOIN stocktake_line l ON l.origin = c.origin AND l.booked = c.seq
      WHERE c.kind = 'count' AND l.booked IS NULL GROUP BY c.origin, c.sku, c.lot) newest
  ON newest.origin = m.origin AND newest.seq = m.seq AND newest.sku = m.sku AND newest.lot = m.lot
WHERE m.kind = 'count'
ON CONFLICT (warehouse, sku, lot) DO UPDATE SET at_ms = excluded.at_ms WHERE excluded.at_ms > counted.at_ms;
