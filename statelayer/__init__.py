"""The reference application: an agent-orchestration platform's data layer on either provider.

It is the toolkit's first customer. It imports `cutover.flags`, never the other way round.
"""
