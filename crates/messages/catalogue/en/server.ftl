### the doors for what is pushed's services. The other language's file of the same name says the same; a test holds the two together.

server-bind = cannot listen on `{ $address }`: is it in use, or not an address of this machine?
server-config-form = the configuration `{ $path }` cannot be read: { $why }
server-config-mistakes = the configuration `{ $path }` has mistakes:
    { $why }
server-config-no-client-ca = the sender `{ $name }` is known by a certificate, but `http.tls.client_ca` names no authority that it could be of
server-config-no-hash = the sender `{ $name }`: a `token_sha256` or `certificate_sha256` is 64 hexadecimal digits, in lower case; `shoseki token { $name }` makes a token and its hash
server-config-no-receivers = the sender `{ $name }` may use no receiver; known are { $known }
server-config-no-secret = the sender `{ $name }` has neither `token_sha256` nor `certificate_sha256`, so nobody could be it; `shoseki token { $name }` makes a token and its hash
server-config-plain-text = `http.listen` is `{ $listen }`, so other machines may connect, but there is no `http.tls`: give a certificate, listen on 127.0.0.1, or set `http.plain_text = true` where something before it ends TLS
server-config-rate = the sender `{ $name }`: `requests_per_second` is at least 1
server-config-receiver = the sender `{ $name }`: there is no receiver `{ $receiver }`; did you mean `{ $nearest }`?
server-config-same-secret = the senders `{ $first }` and `{ $second }` have the same token or certificate: they could not be told apart
server-config-sender-name = `{ $name }` is not the name of a sender: expected letters, digits, `-`, `_` and `.`, at most 64, beginning with a letter or digit
server-config-sender-twice = two senders are called `{ $name }`, or it stands there twice
server-config-source = the sender `{ $name }`: there is no source `{ $source }`; did you mean `{ $nearest }`?
server-config-stream = the sender `{ $name }`: `stream` is 1 to 256 bytes without control characters
server-config-unreadable = the configuration `{ $path }` cannot be read
server-cut-off = the body ended before its end
server-encoding = the body is encoded as `{ $name }`; known are { $known }
server-full = as much waits for its seal as may: come again later
server-left = not all could be sealed before the end; it stays in the write-ahead log, and the next start seals it
server-no-alert = expected an alert of Falco: one JSON object
server-no-event-list = expected an `EventList` of audit.k8s.io: one JSON object
server-no-events = there is no event in the body
server-no-log-name = the name of a stream is at most { $max } bytes without control characters
server-no-method = expected { $expected }
server-no-request-id = `Idempotency-Key` is 1 to { $max } characters
server-not-allowed = the sender `{ $name }` may not use the receiver `{ $receiver }`: its `receivers` in the configuration do not name it
server-not-decodable = the body is not encoded as its `Content-Encoding` says
server-not-written = it could not be written durably: come again later
server-pem = `{ $path }` holds no certificate or key in PEM, or cannot be read
server-receiver-died = the receiver failed; this is a mistake of ours
server-seal-failed = sealing failed and is tried again; what is acknowledged stays in the write-ahead log: { $why }
server-seal-recovered = sealing works again
server-started = taking in what is pushed to { $listen }
server-stopped = stopped taking in what is pushed
server-stopping = it is being stopped: come again later
server-tls = the certificate and the key cannot be used
server-too-long = the body is longer than { $max } bytes, as it comes or once it is decoded
server-too-often = too many requests: come again later
server-too-slow = the body took too long to come
server-unfit = it is too long for the write-ahead log
server-who = expected a token of a sender in the configuration, or a certificate of one
