"""The linkage core: which records describe the same client, how sure that is, and why.

``blocking.plan`` -> ``score`` -> ``cluster``: blocking, Fellegi-Sunter scoring, clustering with stable ids. This
package knows parties, not sources; which value of a client survives is decided in :mod:`crm_etl.merge`.
"""

from crm_etl.match.blocking import Candidates, candidates
from crm_etl.match.clustering import Clustered, cluster
from crm_etl.match.encode import Parties
from crm_etl.match.scoring import Scored, score

__all__ = ["Candidates", "Clustered", "Parties", "Scored", "candidates", "cluster", "score"]
