### AWS のサービス。もう一方の言語の同名のファイルと同じことを述べ、両者が揃っていることはテストで確かめる。

server-bind = `{ $address }` で待ち受けできません。使用中か、このマシンのアドレスではありません
server-config-form = 設定 `{ $path }` を読めません。{ $why }
server-config-mistakes = 設定 `{ $path }` に誤りがあります。
    { $why }
server-config-no-client-ca = 送信者 `{ $name }` は証明書で識別しますが、`http.tls.client_ca` に認証局の指定がありません
server-config-no-hash = 送信者 `{ $name }`: `token_sha256` と `certificate_sha256` は小文字の16進64桁です。`shoseki token { $name }` でトークンとハッシュを作れます
server-config-no-receivers = 送信者 `{ $name }` が使える受信口がありません。指定できるのは { $known } です
server-config-no-secret = 送信者 `{ $name }` に `token_sha256` も `certificate_sha256` もないため、誰も認証できません。`shoseki token { $name }` でトークンとハッシュを作れます
server-config-plain-text = `http.listen` が `{ $listen }` のため他のマシンから接続できますが、`http.tls` がありません。証明書を指定するか、127.0.0.1 で待ち受けるか、前段で TLS を終端している場合は `http.plain_text = true` としてください
server-config-rate = 送信者 `{ $name }`: `requests_per_second` は1以上です
server-config-receiver = 送信者 `{ $name }`: 受信口 `{ $receiver }` はありません。`{ $nearest }` ではありませんか
server-config-same-secret = 送信者 `{ $first }` と `{ $second }` のトークンまたは証明書が同じため、区別できません
server-config-sender-name = `{ $name }` は送信者の名前に使えません。英数字と `-`、`_`、`.` で64文字以内、先頭は英数字としてください
server-config-sender-twice = `{ $name }` という送信者が二つあります
server-config-source = 送信者 `{ $name }`: ソース `{ $source }` はありません。`{ $nearest }` ではありませんか
server-config-stream = 送信者 `{ $name }`: `stream` は制御文字を含まない1～256バイトです
server-config-unreadable = 設定 `{ $path }` を読めません
server-cut-off = 本文が途中で終わっています
server-encoding = 本文の符号化 `{ $name }` には対応していません。対応しているのは { $known } です
server-full = 封印待ちのデータが上限に達しています。時間をおいて再送してください
server-left = 終了までに封印できなかったデータがあります。先行書き込みログに残っており、次の起動時に封印されます
server-no-alert = Falco のアラート（JSON オブジェクト一つ）ではありません
server-no-event-list = audit.k8s.io の `EventList`（JSON オブジェクト一つ）ではありません
server-no-events = 本文にイベントがありません
server-no-log-name = ストリームの名前は制御文字を含まない{ $max }バイト以内です
server-no-method = { $expected } で送ってください
server-no-request-id = `Idempotency-Key` は1～{ $max }文字です
server-not-allowed = 送信者 `{ $name }` は受信口 `{ $receiver }` を使えません。設定の `receivers` に含まれていません
server-not-decodable = 本文が `Content-Encoding` のとおりに符号化されていません
server-not-written = ディスクに書き込めませんでした。時間をおいて再送してください
server-pem = `{ $path }` に PEM 形式の証明書または鍵がないか、読めません
server-receiver-died = 受信処理が異常終了しました。shoseki の不具合です
server-seal-failed = 封印に失敗したため再試行します。受信済みのデータは先行書き込みログに残っています。{ $why }
server-seal-recovered = 封印できるようになりました
server-started = { $listen } で受信を始めました
server-stopped = 受信を終えました
server-stopping = 停止処理中です。時間をおいて再送してください
server-tls = 証明書と鍵の組を使えません
server-too-long = 本文が（受信時または復号後に）{ $max }バイトを超えています
server-too-often = 要求が多すぎます。時間をおいて再送してください
server-too-slow = 本文の受信に時間がかかりすぎました
server-unfit = 先行書き込みログに書くには長すぎます
server-who = 設定にある送信者のトークンまたは証明書が必要です
