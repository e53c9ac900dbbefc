### sources: see the other language's file of the same name; a test holds the two together.

sources-read-failed = reading failed at byte { $offset }
sources-inflate-trailing = the gzip stream ends at byte { $offset } and something else follows it: expected the end of the file or another gzip member
sources-inflate-truncated = the compressed stream is cut off at byte { $offset }: expected its end; fetch the file again
sources-inflate-corrupt = the compressed stream is damaged near byte { $offset }: fetch the file again
sources-inflate-too-large = more than { $limit } bytes come out of the compressed stream: refused as a decompression bomb; if it is genuine, unpack it and take in what comes out
sources-inflate-bomb = { $taken } compressed bytes grew to { $given }, more than { $ratio } times: refused as a decompression bomb; if it is genuine, unpack it and take in what comes out
sources-secrets-own = the patterns of secrets cannot be read
