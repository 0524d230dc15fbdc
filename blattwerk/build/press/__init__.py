"""From TeX to finished PDFs."""
