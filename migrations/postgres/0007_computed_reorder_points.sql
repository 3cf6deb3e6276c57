-- From what a reorder point is computed where none is fixed.

-- By how many days deliveries stray from the lead time.
ALTER TABLE reorder_rule ADD COLUMN lead_time_deviation_days bigint;
-- How sure one wants to be not to run out, in percent: 90, 95, 97.5, 99.
ALTER TABLE reorder_rule ADD COLUMN service_level text COLLATE "C";
