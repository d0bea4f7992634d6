"""Yingxu 应需: a company's customer-needs policy, running."""
