-- +goose Up
-- How a document was read: typed by hand, from its machine-readable zone or from its PDF417; and what a scan before found to
-- differ that the operator then typed as not differing ('', 'name', 'birth_date', 'name birth_date').
ALTER TABLE proofings ADD COLUMN document_read TEXT NOT NULL DEFAULT 'typed' CHECK (document_read IN ('typed', 'mrz', 'pdf417'));
ALTER TABLE proofings ADD COLUMN overruled TEXT NOT NULL DEFAULT '';
