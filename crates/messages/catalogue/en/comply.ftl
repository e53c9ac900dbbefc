### What should be there against what is there. The other language's file of the same name says the same; a test holds the two together.

comply-gap-mend-lost = what was lost is lost: find out why (load, a network, a disk), and look whether another stream saw the same events
comply-gap-mend-missing = look whether it can be read from its source or a copy, and take it in with `shoseki ingest`; if it was deleted, that is an incident
comply-gap-mend-silent = look whether its source still logs and its door still receives (`shoseki status`, the log of `serve`); what its source still has, `shoseki gaps repair` fetches
comply-question = the register could not be read from the evidence
