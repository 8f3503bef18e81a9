"""E-mail cells -> canonical addresses, by email-validator (RFC 5321/5322/6531); nothing is sent anywhere.

:mod:`.cells` finds the addresses of a cell, :mod:`.repair` sets right what can be meant in one way only,
:mod:`.mailboxes` knows providers: which addresses reach one mailbox, which are a role's, which domain is a slip. What
is known stands in ``habits.yml``.
"""

from crm_etl.normalize.emails.cells import HOMOGLYPH, read
from crm_etl.normalize.emails.mailboxes import is_role, is_slip, key

__all__ = ["HOMOGLYPH", "is_role", "is_slip", "key", "read"]
