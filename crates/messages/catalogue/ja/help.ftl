### ヘルプの文言 (コマンド木の位置による)。もう一方の言語のファイルと同じ内容であることをテストが確かめます。

help = AWS と Kubernetes の監査証跡を取り込み、封印し、検索し、証明します
help-more = 試すには: shoseki demo
    終了コード: 0 完了または改ざんなし、1 改ざんまたは失敗、2 指定の誤り、3 環境の障害、4 判定不能、130 中断
help--help = ヘルプを表示します
help--json = 報告を JSON で出力します (時刻は UTC)
help--key-dir = 保管庫の鍵を置くフォルダー [既定: ~/.config/shoseki/keys]
help--lang = 言語: ja または en [既定: LANG による]
help--tz = 日付、--from、表に使うタイムゾーン (例 Asia/Tokyo) [既定: UTC]
help--vault = 保管庫: フォルダーまたは s3://bucket/prefix
help--version = 版を表示します
help-heading-arguments = 引数
help-heading-commands = コマンド
help-heading-options = オプション
help-heading-usage = 使い方
help-possible-values = [選択肢: { $values }]
help-default = [既定: { $value }]
help-anchor = チェックポイントを保管庫の外に保管し、過去を作り直せないようにします
help-anchor-add = 保管先を追加します: フォルダーまたは s3://bucket/prefix (別アカウントの Object Lock 付きバケットが最適)
help-anchor-add--url = 保管先
help-anchor-add-more = 例: shoseki anchor add s3://anchors-of-another-account/shop --vault ./vault
help-anchor-list = 保管先を一覧します
help-anchor-list-more = 例: shoseki anchor list --json --vault ./vault
help-anchor-remove = チェックポイントを書かない場所を外します。封印される変更で、そこにあるものは残ります
help-anchor-remove--url = 場所。`anchor list` の表示のとおり
help-anchor-remove-more = 例: shoseki anchor remove s3://anchors-of-another-account/shop --vault ./vault
help-check = 証跡を判定します。届いているか、欠けていないか、PCI DSS、ISO 27001、GDPR、個人情報保護法、J-SOX を満たすか
help-check--all = 合格を含め、見つかったものをすべて表示します
help-check--check = 指定したチェックだけを実行します (繰り返し可)
help-check--config = `serve` の設定。[[expect]] で、ストリームがどれだけ無音でよいかを指定します
help-check--framework = フレームワークの要件を判定します (繰り返し可): pci-dss、iso27001、gdpr、appi、j-sox、handbook [既定: チェックのみ]
help-check--framework-file = 独自のフレームワーク (YAML)。独自のチェックも書けます (繰り返し可)
help-check--from = 開始時刻: 2026-03-05、-30d [既定: -90d]
help-check--output = table、csv (見つかったもの 1 件につき 1 行)、json [既定: table]
help-check--period = 期間: 2026、2026H1、2026Q3、2026-07、2026-07-01、FY2026Q3 (4 月始まりの年度)、2026-07-01..2026-09-30
help-check--to = 終了時刻。日付はその日を含みます [既定: 現在]
help-check-audit-policy = Kubernetes の監査ポリシーを API サーバーと同じ規則で評価し、重要な操作が記録されるか、何が漏れるかを示します
help-check-audit-policy--file = ポリシー (YAML)
help-check-audit-policy-more = EKS では指定できません (AWS のポリシーが使われます)。重要な操作が漏れるか、秘密の値が記録される場合、終了コードは 1 です。

    例:
      shoseki check audit-policy audit-policy.yaml
help-check-frameworks = フレームワークを一覧します (--json では要件も)
help-check-frameworks--framework-file = 独自のフレームワーク (繰り返し可)
help-check-frameworks-more = 例: shoseki check frameworks --json
help-check-iac = コードに書かれた設定を判定します: Terraform、プラン、CloudFormation、Kubernetes、Falco
help-check-iac--all = 合格も含め、見つかったものをすべて表示します
help-check-iac--check = このチェックだけを行います (繰り返し可)
help-check-iac--fail-on = この重大度以上の不合格で終了コードを 1 にします: low、medium、high、critical [既定: low]
help-check-iac--framework = フレームワークが求めるチェックを行い、要件ごとに示します (繰り返し可): pci-dss、iso27001、gdpr、appi、j-sox、handbook [既定: 全チェック]
help-check-iac--framework-file = 独自のフレームワーク (YAML、繰り返し可)
help-check-iac--output = text、csv、json、junit、sarif [既定: text]
help-check-iac--paths = ファイルまたはフォルダー。フォルダー内の対象外のファイルは読み飛ばします
help-check-iac--record = 実行の記録と指摘を保管庫に残します。新しい指摘と直った指摘が分かります (`shoseki finding list`)
help-check-iac-more = 保管庫は不要です (記録を残す --record を除く)。ファイルの種類は内容から判断します。評価できない設定は「証跡なし」で、合格にはなりません。例外はコード内に書きます: # shoseki:accept CHECK until=2027-03-31 reason="…"
    終了コードは、不合格がなければ 0、あれば 1。不合格はないものの、読めないファイルがあるか、判定できるものがなければ 4。

    例:
      shoseki check iac infra/
      terraform show -json plan.out > plan.json && shoseki check iac plan.json
      shoseki check iac . --framework pci-dss --fail-on high
      shoseki check iac . -o sarif > shoseki.sarif
help-check-list = チェックを一覧します
help-check-list--framework-file = 独自のフレームワーク。そのチェックも一覧します (繰り返し可)
help-check-list-more = 例: shoseki check list --json
help-check-more = 状態は、合格、不合格、対象外、証跡なしの 4 つです。証跡がないものを合格とすることはありません。要件は監査人の用語 (対応、未対応、該当なし、未テスト) でも示します。機械で確かめられないものは文書で回答します: shoseki attach FILE --requirement "PCI DSS 10.1.1"
    終了コードは、すべて合格なら 0、不合格があれば 1、不合格はないが判定できないものがあれば 4 です。

    例:
      shoseki check
      shoseki check --framework pci-dss --period 2026Q3
      shoseki check --framework j-sox --period FY2026Q3 --lang ja
      shoseki check --check evidence_console_logins_have_mfa --from -30d --json
      shoseki check show evidence_has_no_open_gap
      shoseki check audit-policy audit-policy.yaml
      shoseki check iac infra/
      shoseki check --live --print-policy
      shoseki check --live --framework pci-dss --region ap-northeast-1
      shoseki check --aws-config --as-of 2026-03-05 --check s3_evidence_bucket_is_versioned
      shoseki check --check inventory_cluster_speaks
help-check-scope = 対象の環境にあるべき証跡の種類を示し、ないものを範囲から除きます
help-check-scope-more = 範囲内の種類が届いていなければ、要件は「未テスト」であり、「対応」にはなりません。除いたものは「該当なし」となり、誰がなぜ除いたかを示します。有効なのは 12 か月です。例: shoseki check scope exclude database --reason "データは外部のサービスが保持している" --approved-by CISO
help-check-scope-exclude = 証跡の種類を、理由を付けて範囲から除きます。記録として封印されます
help-check-scope-exclude--approved-by = 承認した人
help-check-scope-exclude--kind = 証跡の種類
help-check-scope-exclude--reason = 対象の環境にない理由
help-check-scope-exclude-more = 例: shoseki check scope exclude falco --reason "自社のコンテナは動いていない"
help-check-scope-include = 証跡の種類を範囲に戻します
help-check-scope-include--kind = 証跡の種類
help-check-scope-include-more = 例: shoseki check scope include database
help-check-show = チェックの内容 (求めること、判定の規則、対処、誰でも実行できるクエリ) を表示します
help-check-show--framework-file = 独自のフレームワーク。そのチェックも表示できます (繰り返し可)
help-check-show--id = チェックの名前
help-check-show-more = 例: shoseki check show evidence_has_no_open_gap
help-completions = シェルの補完を出力します
help-completions--shell = シェル
help-completions-more = 例: shoseki completions bash > /etc/bash_completion.d/shoseki
help-gaps = 届くはずのものが届いていない時間帯と、失われたものを表示します
help-gaps--all = 解消した欠落も表示します
help-gaps--config = `serve` の設定。[[expect]] にストリームの周期を書けます
help-gaps--from = この時刻より後に終わる欠落: 2026-03-05、-30d [既定: -7d]
help-gaps--streams = ストリームと、それぞれ許容する無音の長さを表示します
help-gaps--to = この時刻まで [既定: 現在]
help-gaps-more = 許容する無音の長さは、直近 28 日から曜日と時間帯を考慮して学習するか、[[expect]] で指定します。終了コードは、未解消の欠落があれば 1、周期の分かるストリームがなければ 4 です。

    例:
      shoseki gaps
      shoseki gaps --from -30d --all
      shoseki gaps --streams
      shoseki gaps repair --config shoseki.toml
help-gaps-repair = 未解消の欠落の時間帯を、設定した取得元から取得し直します
help-gaps-repair--config = 設定ファイル。[[fetch.s3]] または [[fetch.cloudwatch-logs]] が必要です [既定: shoseki.toml]
help-gaps-repair--from = この時刻より後に終わる欠落 [既定: -7d]
help-gaps-repair--to = この時刻まで [既定: 現在]
help-gaps-repair-more = 同じものを二重に取り込むことはありません。元に残っていないものは欠落のままです。

    例:
      shoseki gaps repair --config shoseki.toml --from -2d
help-ingest = 証跡を取り込みます: 解釈、重複排除、暗号化、封印
help-ingest--again = 以前に受領したファイルももう一度読みます。ソースを誤って取り込んだときに使います
help-ingest--order = 先に読むもの: oldest (古い順) または newest (新しい順)。ファイル名とオブジェクトのキーの順です [既定: oldest]
help-ingest--path = ファイル、フォルダー、パターン、s3://bucket/prefix、または標準入力の - (無圧縮、gzip、zstd)
help-ingest--refetch = 名前・長さ・ETag から受領済みと分かるオブジェクトも取り直す
help-ingest--source = 証跡の種類。auto は内容から見分けます
help-ingest--stream = ストリーム名 [既定: ソースによる]
help-ingest--strict = 新しく取り込んだものに解釈できないもの、既存のイベントと内容が食い違うもの、空のファイルがあるときも、終了コード 1 で終わります
help-ingest-more = 例:
      shoseki ingest cloudtrail ./AWSLogs --vault ./vault
      shoseki ingest cloudtrail s3://my-trail/AWSLogs/ --order newest --vault ./vault
      zcat audit.log.gz | shoseki ingest k8s-audit - --vault ./vault
    二度実行しても二重には取り込みません。
    終了コード (どの場合も、読めたものは取り込まれ、封印されています):
      0    すべて読めた
      1    最後まで受け取れないファイルがあった: 途切れ、破損、展開爆弾、権限なし、存在しない
      4    すべて入ったが、判定できないものがある: イベントでないもの (unparsed として保管)、空のファイル
      130  Ctrl-C で中断した。同じコマンドで続きから進む
help-init = 保管庫とその鍵を作ります
help-init--encryption = shoseki によるファイルの暗号化 [既定: フォルダーでは aes-256-gcm、バケットでは none (バケット自身が暗号化)]
help-init--kms-key = 保管庫の鍵を包む AWS KMS の鍵 (ARN、ID、または alias/名前)。shoseki による暗号化を有効にする [既定: 鍵ファイル]
help-init--layout = ファイルの中でのイベントの置き方。columns は列に分解し、小さく速く検索できます。text は届いた文字列のままで、ほかのツールでも読めます [既定: shoseki が暗号化する場合は columns、それ以外は text]
help-init--origin = チェックポイントに記すログの名前 [既定: 自動]
help-init--quiet = 何も表示しません
help-init--url = 保管庫: 新しいか空のフォルダー、または s3://bucket/prefix
help-init-more = 例:
      shoseki init ./vault
      AWS_REGION=ap-northeast-1 shoseki init s3://my-evidence/shoseki
      shoseki init ./vault --kms-key alias/evidence
help-key = 保管庫の鍵を表示、バックアップ、確認、交換します
help-key-backup = 鍵をフォルダーに複製します
help-key-backup--folder = 複製先のフォルダー (別のディスク)
help-key-backup-more = 例: shoseki key backup /media/safe/shoseki --vault ./vault
help-key-check = バックアップでこの保管庫を開けることを確かめます
help-key-check--folder = バックアップのフォルダー
help-key-check-more = 例: shoseki key check /media/safe/shoseki --vault ./vault
help-key-rotate = 新しい暗号鍵を作り、すべての鍵を包み直します。途中で止まった交換は続きから行います
help-key-rotate--key-file = 今は AWS KMS で包んでいる場合も、新しい鍵ファイルで包む
help-key-rotate--kms-key = この AWS KMS の鍵で包む。ARN、ID、または alias/名前
help-key-rotate-more = 例: shoseki key rotate --kms-key alias/shoseki --vault ./vault
help-key-show = 検証鍵 (公開してよい鍵) を表示します
help-key-show-more = 例: shoseki key show --vault ./vault > verifier.key
help-original = 受領したファイルをそのまま返します
help-original-get = ファイルの内容を、受領記録と照合して書き出します
help-original-get--out = 書き出し先 [既定: 標準出力]
help-original-get--which = ファイル: 受領時のパス、または SHA-256 の先頭8桁以上
help-original-get-more = 例: shoseki original get 3.json.gz --out 3.json.gz --vault ./vault
help-original-list = 受領したファイルを一覧します
help-original-list-more = 例: shoseki original list --vault ./vault
help-status = ストリーム、サイズ、封印、アンカー、鍵の状態を示します
help-status-more = 例: shoseki status --vault ./vault
help-mapping = アプリケーションのイベントのどのフィールドが、誰が、何を、結果などに当たるかを定めます
help-mapping-set = マッピングを定め、保管庫の設定の変更として封印します
help-mapping-set--file = マッピング (TOML)
help-mapping-set-more = 例: shoseki mapping set shop.toml --vault ./vault
help-mapping-show = マッピングを示します
help-mapping-show-more = 例: shoseki mapping show --vault ./vault > shop.toml
help-mapping-remove = マッピングを取り除き、変更を封印します
help-mapping-remove-more = 例: shoseki mapping remove --vault ./vault
help-mapping-more = マッピング (TOML) の例:
      {"  "}[[app]]
      streams = ["app/shop*"]
      who = ["account.mail", "principal"]
      action = ["op"]
      result = ["state"]
      success = ["done"]

    例:
      shoseki query --mapping mapping.toml 'stats count(*) by actor.user.name, status' --source app --vault ./vault
      shoseki mapping set mapping.toml --vault ./vault
help-leaks = イベントのどこにトークン、パスワード、鍵、カード番号があるかを示します。値そのものは示しません
help-leaks--from = この時刻以降: 2026-03-05、2026-03-05T10:00:00+09:00、-7d
help-leaks--limit = 一覧に出す件数。新しいものから出します
help-leaks--source = このソースのみ (複数回指定可)
help-leaks--stream = このストリームのみ (複数回指定可)
help-leaks--to = この時刻まで。日付だけならその日を含みます
help-leaks-more = 見つかれば終了コード 1、なければ 0 で終わります。

    例:
      shoseki leaks --from -7d --vault ./vault
      shoseki leaks --source k8s-audit --json --vault ./vault
      shoseki query 'stats count(*) by secrets(@message), @log' --vault ./vault
help-prove = 1件のレコードの証明を書き出します。単独でオフライン検証できます
help-prove--out = 書き出し先 [既定: 標準出力]
help-prove--record = レコード名 (クエリの @ptr が示すもの)
help-prove-more = 例: shoseki prove 0123456789abcdef0123456789abcdef:7 --out proof.json --vault ./vault
help-verify = 保管庫全体を、誰も信用せずに判定します: 改ざんなし、改ざん、判定不能
help-verify--against = 別の場所に保管したチェックポイント。巻き戻しや分岐が分かります
help-verify--cost = 保管庫がバケットにある場合に、読む量と料金をストレージクラスごとに表示します。判定はしません
help-verify--deep = 全レコードの葉を計算し直し、列を導き直します
help-verify--key = 検証鍵、またはそれを収めたファイル [既定: 鍵フォルダーのもの]
help-verify-more = 例:
      shoseki verify --deep --vault ./vault
      shoseki verify --against ./checkpoint-of-last-month --vault ./vault
help-demo = 見本の証跡を使い、専用フォルダーで一連の流れを実演します
help-demo--dir = フォルダー (新規または空) [既定: 一時フォルダーの下に新しく作る]
help-demo--incident = 代わりにインシデント対応を実演します。最初の一致から完了まで、日本語と英語の報告書も作ります
help-demo-more = 例:
      shoseki demo --dir ./demo --lang ja
      shoseki demo --incident --dir ./incident --tz Asia/Tokyo
help-detect = 証跡に Sigma ルールを適用し、攻撃らしき動きと最初にすべきことを示します
help-detect--config = [detect] のある shoseki.toml。追加のルールと、承知のうえで見送る一致を定めます
help-detect--from = 最も早い時刻: 2026-03-05、RFC 3339、-7d [既定: 最初から]
help-detect--level = この重大度以上のルールだけ
help-detect--new = 同じルールでの前回の実行より後に入ったものだけ
help-detect--no-own = shoseki 付属のルールを使いません
help-detect--output = 形式: table、json、jsonl [既定: table]
help-detect--rule = この ID のルールだけ。繰り返し指定できます
help-detect--rules = 付属のルールに加える Sigma ルールのファイルまたはフォルダー。繰り返し指定できます
help-detect--source = このソースのレコードだけ
help-detect--stream = このストリームのレコードだけ
help-detect--to = 最も遅い時刻
help-detect-more = 誰も見送りを引き受けていない一致があれば終了コード 1、適用できないルールがあれば 4 です。実行ごとに、また一致ごとに記録が残ります。どのルール (SHA-256 付き) がどのレコードに一致したかが分かり、`shoseki prove` で証明できます。
    例:
      shoseki detect --from -1d --vault ./vault
      shoseki detect --rules ./sigma/rules/cloud/aws --level high --json --vault ./vault
      shoseki detect --new --config shoseki.toml --vault ./vault
help-detect-coverage = 実行の記録から、これらのルールで調べた範囲を示します。調べていないものがあれば終了コード 1
help-detect-coverage--config = [detect] のある shoseki.toml
help-detect-coverage--from = 最も古い時刻 [既定: 最初から]
help-detect-coverage--to = 最も新しい時刻
help-detect-coverage--source = このソースだけ。shoseki 自身の記録は、指定しないかぎり含みません
help-detect-coverage--segments = セグメントごとに、コミット、ファイル、ストリーム、期間と、調べたすべてのルールを示します
help-detect-coverage--stream = このストリームだけ
help-detect-coverage--level = このレベル以上のルールだけ
help-detect-coverage--no-own = shoseki 付属のルールを除きます
help-detect-coverage--rule = この ID のルールだけ
help-detect-coverage--rules = 付属のルールに加える Sigma ルールのファイルまたはフォルダー
help-detect-coverage-more = 例: shoseki detect coverage --from -90d
help-detect-prove = 付属の各ルールを、一致すべきイベントと一致してはならないイベントで確かめます
help-detect-prove-more = 例: shoseki detect prove
help-detect-rules = ルールを一覧します
help-detect-rules--config = [detect] のある shoseki.toml
help-detect-rules--level = この重大度以上のルールだけ
help-detect-rules--no-own = shoseki 付属のルールを使いません
help-detect-rules--rule = この ID のルールだけ。繰り返し指定できます
help-detect-rules--rules = 付属のルールに加える Sigma ルールのファイルまたはフォルダー
help-detect-rules-more = 例: shoseki detect rules --level high
help-detect-show = ルールの内容、無害な場合、最初にすべきことを表示します
help-detect-show--config = [detect] のある shoseki.toml
help-detect-show--id = ルールの ID
help-detect-show--level = この重大度以上のルールだけ
help-detect-show--no-own = shoseki 付属のルールを使いません
help-detect-show--rule = この ID のルールだけ
help-detect-show--rules = 付属のルールに加える Sigma ルールのファイルまたはフォルダー
help-detect-show-more = 例: shoseki detect show 6750630b-1391-4007-880f-e866d179e30c
help-query = CloudWatch Logs Insights の言語または SQL で証跡を検索します
help-query--at = このサイズの封印された木に対して検索します。あとから加わったものは含みません
help-query--bom = 表計算ソフトで日本語が読めるよう、CSV に BOM を付けます
help-query--file = クエリを収めたファイル
help-query--from = この時刻以降: 2026-03-05、2026-03-05T10:00:00+09:00、-7d
help-query--mask = 結果に含まれるトークン、パスワード、鍵、カード番号を伏せます。--mask=ファイル とすると、そのファイルの正規表現 (1行に1つ) に一致する部分も伏せます
help--lookups = lookup と cidrlookup が使う表 (名前.csv) のあるフォルダー
help-query--ocsf = 行のもとになったレコードを OCSF 1.8 のイベントとして JSON Lines で出力します。クエリで決まるのは対象と順序だけです
help-query--output = table、csv、json、jsonl、parquet [既定: 端末では table、パイプでは csv]
help-query--query = クエリ。- は標準入力
help-query--source = このソースのみ (複数回指定可)
help-query--sql = クエリは表 events とそのビューに対する SQL です (一覧は show tables)
help-query--stream = このストリームのみ (複数回指定可)
help-query--to = この時刻まで。日付だけならその日を含みます
help-query-more = 例:
      shoseki query 'filter @message like /delete|update|privilege/ | sort @timestamp desc | limit 100' --vault ./vault
      shoseki query 'stats count(*) by eventName, bin(1d)' --from -7d --tz Asia/Tokyo --vault ./vault
      shoseki query --sql 'select "eventName", count(*) from cloudtrail group by 1' --out rows.csv --vault ./vault
      shoseki query --ocsf 'filter class_uid = 3002' --from -1d --mask --vault ./vault > events.jsonl
      shoseki query --saved cloudtrail-root-use --from -30d --timeout 5m --vault ./vault
      shoseki query 'filter eventName = "StopLogging"' --from 2025-01-01 --cost --vault s3://evidence/vault
      shoseki query --saved handbook --from 2026-03-01 --to 2026-03-31 --at 1204 --vault ./vault
help-package = クエリの結果を、もとのレコードと証明を付けて監査人に渡します
help-package-create = パッケージを作ります
help-package-create--drawn-by = サンプルを抽出した人 [既定: ユーザー名]
help-package-create--file = クエリを収めたファイル
help-package-create--from = この時刻以降: 2026-03-05、2026-03-05T10:00:00+09:00、-7d
help-package-create--mask = 1行に1つの正規表現を収めたファイル。秘密情報とカード番号のほかに、一致した部分を読むためのファイルで伏せます
help-package-create--out = パッケージ (zip ファイル)
help-package-create--population = 期間、ソース、ストリームに当たるすべてのレコードと、すべてのコミットも入れます。検証する人がそれに対してクエリを再実行できます
help-package-create--query = クエリ
help-package-create--sample = クエリに当てはまるレコードから、シードで抽出したこの件数だけにします
help-package-create--saved = この名前の保存済みクエリ
help-package-create--seed = どのレコードを抽出するかを決める文字列。監査人が選びます
help-package-create--source = このソースのみ (複数回指定可)
help-package-create--sql = クエリは表 events に対する SQL で、"@ptr" を選択します
help-package-create--stream = このストリームのみ (複数回指定可)
help-package-create--to = この時刻まで。日付だけならその日を含みます
help-package-create--unmasked = 秘密情報もカード番号も、何も伏せません
help-package-create-more = 例:
      shoseki package create --query 'filter eventName = "StopLogging"' --out auditor.zip --vault ./vault
      shoseki package create --query 'filter ispresent(errorCode)' --from 2026-03-01 --to 2026-03-31 --population --out whole.zip --vault ./vault
      shoseki package create --saved handbook --sample 25 --seed 'audit 2026, 4711' --drawn-by 'H. Mori' --population --out sample.zip --vault ./vault
help-package-verify = パッケージを、保管庫なしにオフラインで判定します
help-package-verify--against = 別の場所に保管した同じログのチェックポイント。古いパッケージが分かります
help-package-verify--file = パッケージ
help-package-verify--key = ログの検証鍵、またはそれを収めたファイル
help-package-verify--spill = パッケージの母集団と、メモリーに収まらない行を置くフォルダー。暗号化した名前のないファイルに置き、終われば消えます [母集団の既定: システムの一時フォルダー]
help-package-verify-more = 例:
      shoseki package verify auditor.zip --key verifier.pub
      shoseki package verify whole.zip --key verifier.pub --against checkpoint-2026-03 --memory 2GB --spill /var/tmp
help--memory = 並べ替えと集計に使うメモリー (例 4GB) [既定: 640MiB]
help--mapping = 保管庫に設定していないマッピングを試します: `shoseki mapping set` に渡すものと同じ形式のファイル
help--queries = 自分の保存済みクエリ (NAME.query) を置くフォルダー [既定: ~/.config/shoseki/queries]
help--spill = メモリーに収まらない行を退避してよいフォルダー。暗号化した名前のないファイルに置き、終われば消えます [既定: なし。収まらないクエリは失敗します]
help--force = すでにあるファイルを置き換えます
help--timeout = この時間 (例 30s、5m) が過ぎたらクエリを止めます。終了コードは 3 です
help-query--stats = 回答の後に、読んだ量とかかった時間を標準エラーに示します。--json を付けると JSON で示します
help-query--cost = 保管庫がバケットにある場合に、読む可能性のあるファイルと料金の上限をストレージクラスごとに表示します。ファイルは読みません
help-query--explain = どのファイルを読み、ほかをなぜ読まないか、そして実行計画を表示します。クエリは実行しません
help-query--list-saved = 保存済みクエリ (自分のものと付属のもの) を一覧します
help-query--out = 結果をこのファイルに書き出します。途中で止まれば何も残しません。-o がなければ、形式はファイル名で決まります
help-query--saved = この名前の保存済みクエリを実行します
help-shell = 対話しながら続けて検索します (履歴、補完、保存済みクエリ)
help-shell--from = この時刻以降: 2026-03-05、2026-03-05T10:00:00+09:00、-7d
help-shell--source = このソースのみ (複数回指定可)
help-shell--sql = 最初から SQL で検索します
help-shell--stream = このストリームのみ (複数回指定可)
help-shell--to = この時刻まで。日付だけならその日を含みます
help-shell-more = 例:
      shoseki shell --tz Asia/Tokyo --vault ./vault
      printf 'stats count(*) by eventName; stats count(*) by awsRegion' | shoseki shell --vault ./vault
    シェルの中では \help でシェル自身のコマンドを一覧できます。
help-compact = 小さなファイルを大きなファイルにまとめます (コンパクション)。証明とレコードは変わりません
help-compact--delete-replaced = 置き換えから --grace-days 日以上たったファイルを、そのレコードが新しいファイルにあることを確かめてから削除します
help-compact--dry-run = まとめる対象を示すだけで、何も変更しません
help-compact--grace-days = 置き換えられたファイルを、以前の状態を読む処理のために残す日数 [既定: 7]
help-compact--min-files = まとめるファイルの最小数 [既定: 4]
help-compact--target-rows = 1 ファイルの最大レコード数 (131072 まで) [既定: 131072]
help-compact-more = 例:
      shoseki compact --dry-run --vault ./vault
      shoseki compact --vault ./vault
      shoseki compact --delete-replaced --vault ./vault
    証跡が少しずつ届く環境では 1 日 1 回実行してください。2 回目の実行では何も起きません。
    実行中も取り込みと検索ができます。
help--sealed = 封印済みのものだけを対象にします。このマシンの `serve` が受信し、まだ封印していないものは含めません
help--wal = `serve` の先行書き込みログのフォルダー [既定: ~/.local/state/shoseki の下]
help-serve = 送られてくるもの（Kubernetes 監査、Falco、OpenTelemetry、Loki、Elasticsearch、Splunk、Firehose、syslog、JSON）と、増えていくファイル（データベースやコンテナのログ）を Ctrl-C まで取り込みます
help-serve--check = 設定に問題がないかを確かめ、起動はしません
help-serve--config = 設定ファイル [既定: shoseki.toml]
help-serve--test-alerts = 各 [[alert]] にテスト通知を送り、起動はしません
help-serve-more = イベントはディスクに書いてから受信を返し、数秒で検索でき、1分ほどで封印されます。封印したものにはすぐにルールを適用し、一致を [[alert]] の相手に知らせます。[detect] でルールを加え、as_sealed = false でやめられます。
    設定の [[files]] に書いたファイルは、前回の続きから読みます。

    例:
      shoseki token prod-cluster --receiver kubernetes-audit
      shoseki serve --config shoseki.toml --check
      shoseki serve --config shoseki.toml --vault ./vault
help-fetch = 設定した取得元 (バケット、キュー、ロググループ、データベースのログファイル) から 1 回だけ取得します。`serve` は同じことを繰り返します
help-fetch--config = 設定ファイル。[[fetch.s3]]、[[fetch.sqs]]、[[fetch.cloudwatch-logs]]、[[fetch.rds]] のいずれかが必要です [既定: shoseki.toml]
help-fetch--from = 取得済みかどうかにかかわらず、この時刻以降を取得し直します: 2026-03-05、-7d。終わりは現在、または --to
help-fetch--to = 取得し直す範囲の終わり
help-fetch--name = この名前の取得元のみ
help-fetch-more = 取得済みのものは再び取得せず、同じものを二重に取り込むこともありません。CronJob などの定期実行や、設定の確認に使えます。

    例:
      shoseki fetch --config shoseki.toml
      shoseki fetch --config shoseki.toml trail
help-token = 送信者のトークンと、それを許可する shoseki.toml の行を作ります
help-token--name = 送信者の名前。送られたもののストリーム名に入ります
help-token--receiver = 使ってよい受信口
help-token-more = 例:
      shoseki token prod-cluster --receiver kubernetes-audit
      shoseki token app --receiver ndjson falco
help-validate = 証跡をその場で、発行元の署名に基づいて判定します
help-validate-cloudtrail = 証跡 (CloudTrail) を判定します: ダイジェスト、署名、連鎖、全ログファイル、網羅されていない時間
help-validate-cloudtrail--account = このアカウントのみ。ないときは検出します (複数回指定可)
help-validate-cloudtrail--expect = ダイジェストがあるべきアカウントとリージョンを書いた TOML ファイル。丸ごと消えていても検出します
help-validate-cloudtrail--findings = 検出事項を 1 行に 1 件、JSON で出力します: 何が、どこで、いつから、どのダイジェストが示すか、対処
help-validate-cloudtrail--from = この時刻以降: 2026-03-05、2026-03-05T10:00:00+09:00、-7d [既定: 最も古いダイジェストから]
help-validate-cloudtrail--keys = オフライン検証用の公開鍵ファイル: --save-keys または `aws cloudtrail list-public-keys` の出力 [既定: CloudTrail に問い合わせる]
help-validate-cloudtrail--path = s3://バケット/プレフィックス、またはそのコピーのフォルダー (AWSLogs の上でも下でも可)。証跡の移動前後など、複数指定できます
help-validate-cloudtrail--region = このリージョンのみ。ないときは検出します (複数回指定可)
help-validate-cloudtrail--resume = 改ざんなしと判定したログファイルをこのファイルに記録し、再読み込みしません
help-validate-cloudtrail--save-keys = CloudTrail に問い合わせた公開鍵をこのファイルに書き出します
help-validate-cloudtrail--to = この時刻まで。日付だけならその日を含みます [既定: バケットは現在、フォルダーは最新のファイル]
help-validate-cloudtrail-more = 例:
      shoseki validate cloudtrail s3://my-trail/ --from -7d --save-keys keys.json
      shoseki validate cloudtrail ./copy/AWSLogs --keys keys.json
      shoseki validate cloudtrail s3://my-trail/ --from 2026-03-01 --to 2026-03-31 --resume march.jsonl
      shoseki validate cloudtrail s3://my-trail/ --expect estate.toml
    終了コード: 0 改ざんなし、1 改ざん、4 判定不能。判定できなかったものを改ざんなしとすることはありません。
help-access = 誰が証跡を読んだかの記録のうち、封印を待つ件数を表示します
help-access--seal = 今すぐ封印します。指定しなくても次の `ingest` か、5 分ごとに `serve` が封印します
help-access-more = 例:
      shoseki access --vault ./vault
      shoseki access --seal --vault ./vault
      shoseki query --saved who-asked --vault ./vault
    最後の例は、検索・証明・パッケージ作成・原本の取り出しを誰が行ったかを、封印前のものも含めて一覧します。
help--require-record = アクセスの記録を残せる場合に限って証跡を読みます
help-attach = 手順書、契約書、承認書などの文書を、要件に対する証跡として保管します
help-attach--file = 文書 (256 MiB までの任意のファイル)
help-attach--list = 添付済みの文書を一覧します (--requirement で絞り込めます)
help-attach--note = 補足
help-attach--requirement = 対応する要件 (例 "PCI DSS 10.2.1")。複数指定できます
help-attach--title = 題名
help-attach--valid-from = 有効期間の初日
help-attach--valid-to = 有効期間の最終日
help-attach-more = 例:
      shoseki attach 手順書.pdf --requirement "PCI DSS 10.2.1" --title 監査ログ点検手順 --valid-from 2026-04-01
      shoseki attach --list --vault ./vault
      shoseki original get 手順書.pdf --out copy.pdf
      shoseki package create --saved handbook --requirement "PCI DSS 10" --out auditor.zip
    ファイルはそのまま保管されます。同じ文書を同じ要件に二度添付することはありません。
help-check--all-regions = アカウントで有効なすべてのリージョンを調べます
help-check--as-of = この時刻までに AWS Config が記録した設定。日付はその日を含みます: 2026-03-05、-30d [既定: 期間の終わり]
help-check--aws-config = 保管庫にある AWS Config の項目から、記録された設定を判定します
help-check--external-id = ロールの所有者が求める外部 ID
help-check--live = AWS アカウントの現在の設定を、読み取り専用の呼び出しで判定します
help-check--print-policy = --live に必要な IAM ポリシーを表示します。呼び出しは行いません
help-check--profile = AWS の設定のプロファイル [既定: AWS_PROFILE]
help-check--region = 調べるリージョン (繰り返し可) [既定: プロファイルのリージョン]
help-check--role = 引き受けるロール。1 つにつき 1 つのアカウントを調べます (繰り返し可)
help-package-create--attachments = すべての要件の文書を同梱します
help-package-create--requirement = この要件とその下位 ("PCI DSS 10" なら 10.2.1 など) の文書を同梱します。複数指定できます
help-forward = 設定した転送先へ、封印済みの証跡を 1 回だけ送ります。`serve` は同じことを繰り返します
help-forward--config = 設定ファイル。[[forward]] が必要です [既定: shoseki.toml]
help-forward--from = 送信済みかどうかにかかわらず、この時刻以降のイベントを送り直します: 2026-03-05、-7d。終わりは現在、または --to
help-forward--to = 送り直す範囲の終わり
help-forward--name = この名前の転送先のみ
help-forward-more = 転送先ごとに、前回の続きから送ります。CronJob などの定期実行、設定の確認、転送先が失ったものの補充に使えます。

    例:
      shoseki forward --config shoseki.toml
      shoseki forward --config shoseki.toml grafana --from 2026-03-05 --to 2026-03-06
help-gaps-settle = イベントが失われたままになる理由と対処を記録します。欠落は未解決ではなくなりますが、記録は残ります
help-gaps-settle--stream = `shoseki gaps` が示すストリーム
help-gaps-settle--begin = 欠落の始まり。ストリームに複数ある場合に指定します
help-gaps-settle--cause = イベントが欠けている理由
help-gaps-settle--answer = 再発しないように行った対処
help-gaps-settle--config = 設定ファイル。ストリームに期待する間隔を読みます
help-gaps-settle--from = どこまでさかのぼって調べるか [既定: 7 日]
help-gaps-settle--to = いつまでを調べるか
help-gaps-settle-more = 例:
      shoseki gaps settle k8s-audit/dev --cause "3 月 5 日にクラスタを廃止した" --answer "設定から外した"
help-finding = チェックや監査人の指摘とその経過を表示し、対応を記録します
help-finding-more = `shoseki check` を実行するたびに、検出した指摘が封印されます。指摘は、あとの実行で検出されなくなるか、人が解決を記録するか、期限付きで受容するまで未解決です。受容しても不合格であることは変わりません。ID は 1 件に決まる長さまで省略できます。

    例:
      shoseki finding list
      shoseki finding show F-3K7Q2M
      shoseki finding accept F-3K7Q2M --owner "芽衣" --reason "5 月に移行予定" --until 2027-05-31
      shoseki finding resolve F-3K7Q2M --cause "設定の誤り" --measure "二人で確認する"
      shoseki finding add --from "ひので監査法人" --title "鍵が交換されていない" --due 2027-03-31
help-finding-list = 指摘を急ぐものから順に一覧します
help-finding-list--status = open (未解決)、accepted (受容中)、resolved (解決)、all (繰り返し可) [既定: open]
help-finding-list--framework = フレームワークに関わるもの: pci-dss、iso27001、gdpr、appi、j-sox、handbook
help-finding-list--check = このチェックのもの
help-finding-list--severity = この重大度のもの: low、medium、high、critical
help-finding-list--overdue = 期限を過ぎたもの
help-finding-list--output = table、csv、json [既定: table]
help-finding-list-more = 不合格は、重大 7 日、高 30 日、中 90 日、低 180 日で期限超過になります。外部の指摘は自身の期限によります。

    例:
      shoseki finding list --overdue
      shoseki finding list --status all --framework pci-dss -o csv
help-finding-show = 指摘の経過、対処、再判定の方法、レコードの証明方法を表示します
help-finding-show--id = 指摘の ID、またはその先頭: F-3K7Q2M
help-finding-show-more = 例:
      shoseki finding show F-3K7Q2M
help-finding-accept = 期限を決めて受容します
help-finding-accept--id = 指摘の ID
help-finding-accept--owner = 責任者
help-finding-accept--reason = 受容する理由
help-finding-accept--until = 最後の日 (タイムゾーンの日付): 2027-03-31
help-finding-accept--approved-by = 承認者
help-finding-accept--long = 1 年より長くする
help-finding-accept-more = その日が過ぎると、再び未解決になります。もう一度受容すると延長になり、経過には両方が残ります。代替コントロールではないため、要件は不合格のままです。

    例:
      shoseki finding accept F-3K7Q2M --owner "芽衣" --reason "5 月に移行予定" --until 2027-05-31 --approved-by "CISO"
help-finding-resolve = 原因と対策を添えて解決を記録します
help-finding-resolve--id = 指摘の ID
help-finding-resolve--cause = 原因 (まだ記録していない場合)
help-finding-resolve--measure = 対策 (まだ記録していない場合)
help-finding-resolve--document = 裏付けとなる文書。添付のレコードで指定します (繰り返し可)
help-finding-resolve--without-proof = 外部の指摘に裏付けが不要な理由
help-finding-resolve-more = 外部の指摘は、対策のチェックが対策後に合格しているか、文書があるときに解決できます。解決後に再び検出されれば、未解決に戻ります。

    例:
      shoseki finding resolve F-3K7Q2M --cause "設定の誤り" --measure "二人で確認する"
      shoseki finding resolve F-9ABCDE --without-proof "5 月 12 日に監査人が新しい手順を確認した"
help-finding-note = 指摘にメモを残します
help-finding-note--id = 指摘の ID
help-finding-note--text = メモ
help-finding-note-more = 例:
      shoseki finding note F-3K7Q2M "3 月 3 日に担当チームへ確認した"
help-finding-add = 監査人など、外部の指摘を登録します
help-finding-add--from = 指摘した人・組織
help-finding-add--title = 指摘の内容 (1 行)
help-finding-add--text = 詳しい内容
help-finding-add--requirement = 関係する要件: "PCI DSS 10.2.1" (繰り返し可)
help-finding-add--severity = low、medium、high、critical [既定: medium]
help-finding-add--due = 対応の期限: 2027-03-31
help-finding-add--owner = 担当者
help-finding-add--document = 文書。添付のレコードで指定します (繰り返し可)
help-finding-add-more = 続けて、原因、対策、対策を裏付けるチェックを記録します。

    例:
      shoseki finding add --from "ひので監査法人" --title "チェックポイントがほかの場所にない" --requirement "PCI DSS 10.3.4" --due 2027-03-31
      shoseki finding cause F-9ABCDE "アンカーを設定していなかった"
      shoseki finding measure F-9ABCDE "別アカウントにアンカーを置く" --due 2027-02-28 --check vault_is_anchored
      shoseki check --check vault_is_anchored
      shoseki finding resolve F-9ABCDE
help-finding-cause = 指摘の原因を記録します
help-finding-cause--id = 指摘の ID
help-finding-cause--text = 原因
help-finding-cause-more = 例:
      shoseki finding cause F-9ABCDE "アンカーを設定していなかった"
help-finding-measure = 再発防止策と、それを裏付けるチェックを記録します
help-finding-measure--id = 指摘の ID
help-finding-measure--text = 対策
help-finding-measure--due = 対策の期限: 2027-02-28
help-finding-measure--check = 合格が裏付けになるチェック (`shoseki check list`)
help-finding-measure--framework-file = 独自のフレームワーク。そのチェックも指定できます (繰り返し可)
help-finding-measure-more = 例:
      shoseki finding measure F-9ABCDE "別アカウントにアンカーを置く" --due 2027-02-28 --check vault_is_anchored
help-review = 1 日のまとめ (起きたこと、失敗、新しいもの) を表示し、人が確認したことを記録します
help-review--day = 日 (タイムゾーンの日付): 2026-03-05 [既定: 前日]
help-review--from = 最初の日
help-review--to = 最後の日 [既定: 前日]
help-review--sign = 確認したことを記録します。指定しなければ端末で尋ねます
help-review--note = 確認時のメモ
help-review--open = 気づいたことを指摘として登録します。内容を 1 行で (繰り返し可)
help-review--severity = --open で登録する指摘の重大度: low、medium、high、critical [既定: medium]
help-review--config = `serve` の設定。[[expect]] にストリームの周期を書けます
help-review-more = 記録には、まとめとその SHA-256 が入ります。レビューした日は `shoseki review list` で確認できます。チェック evidence_was_reviewed_daily は、毎日、遅くとも 3 日後までのレビューを求めます。

    例:
      shoseki review
      shoseki review 2026-03-05 --sign --note "deploy-bot は担当に確認済み" --open "deploy-bot が証跡を停止した" --tz Asia/Tokyo
      shoseki review --from 2026-03-06 --to 2026-03-08 --sign
      shoseki review list --period 2026-03
help-review-list = どの日を誰がいつレビューしたかを一覧します。抜けた日があれば終了コード 1
help-review-list--from = 最初の日 [既定: 30 日前]
help-review-list--to = 最後の日 [既定: 前日]
help-review-list--period = 期間: 2026Q3、2026-07、2026-07-01、FY2026Q3、2026-07-01..2026-09-30
help-review-list-more = 例:
      shoseki review list --period 2026-03 --json
help-finding-list--at = この時刻の状態。先の時刻なら、いま分かっている範囲での見込み: 2026-09-30、-7d [既定: 現在]
help-finding-show--at = この時刻の状態。先の時刻なら、いま分かっている範囲での見込み: 2026-09-30、-7d [既定: 現在]
help-finding-list--nature = 種類: fail (不合格)、outside (外部の指摘)、no_evidence (証跡なし)、review (要確認)、all (繰り返し可) [既定: review 以外]
help-replica = 保管庫を別の場所にコピーします。それぞれが完全で、証明できる保管庫になります
help-replica-add = 場所 (空のフォルダー、またはバケットの空のプレフィックス) を封印される変更として追加し、保管庫をコピーします
help-replica-add--url = 場所 (別アカウントの Object Lock 付きバケットが最適)
help-replica-add-more = 例: shoseki replica add s3://backup-of-another-account/shop --vault ./vault
help-replica-list = 複製を一覧します: 何が、いつの時点まであり、どれだけ遅れているか
help-replica-list-more = 例: shoseki replica list --json --vault ./vault
help-replica-remove = 場所を一覧から外します。封印される変更で、そこにあるものは残ります
help-replica-remove--url = 場所。`replica list` の表示のとおり
help-replica-remove-more = 例: shoseki replica remove s3://backup-of-another-account/shop --vault ./vault
help-replica-sync = 前回以降に封印されたものをコピーします。壊れているものはコピーせずに知らせます。あるべき状態でないものがあれば終了コード 1
help-replica-sync--url = 1 つの複製 [既定: すべて]
help-replica-sync--accept-loss = 保管庫で壊れているか欠けていて、直せる写しもないものがあっても先へ進みます。複製からも欠け、`verify` がそのように判定します
help-replica-sync--delete-replaced = 封印された圧縮で置き換えられ、--grace-days 以上たったファイルと、保存期間が満了したファイルを複製から削除します
help-replica-sync--grace-days = 置き換えられたファイルを複製に残す日数 [既定: 7]
help-replica-sync-more = 例:
      shoseki replica sync --vault ./vault
      shoseki replica sync s3://backup-of-another-account/shop --delete-replaced --vault ./vault
      shoseki replica sync --accept-loss --vault ./vault
help-restore = 複製から保管庫を直す、作り直す、またはその訓練をします。どのオブジェクトも、先に署名されたログで証明します
help-restore--from = 複製
help-restore--damaged = 保管庫から失われたもの、封印されたものと異なるものすべて
help-restore--day = その日 (UTC) のファイル: 2026-03-05
help-restore--segment = そのセグメントを含むファイル
help-restore--object = 1 つのオブジェクト (保管庫内のパス)
help-restore--to = 保管庫全体を、空の場所へ
help-restore--rehearse = 保管庫全体を一時フォルダーに復元し、検証・クエリ・比較・計測をして記録します。フォルダーは削除します
help-restore--accept-loss = 複製にないコミットをアンカーが知っていても復元します
help-restore--why = 理由 (記録に残します)
help-restore--deep = 訓練で全レコードを検証します
help-restore--in = 訓練のフォルダーを作る場所 [既定: システムの一時フォルダー]
help-restore-more = 保管庫にあった誤ったものは、`.shoseki-aside-…` として隣に残します。例:
      shoseki restore --from s3://backup-of-another-account/shop --damaged --why "INC-12" --vault ./vault
      shoseki restore --from s3://backup-of-another-account/shop --to ./vault-again
      shoseki restore --from s3://backup-of-another-account/shop --rehearse --deep --vault ./vault
help-report = 監査人に渡す報告書を、フレームワークごとに作成します (日本語・英語の HTML・PDF、CSV、JSON、OSCAL、JUnit、OCSF、SARIF)
help-report--framework = フレームワーク: pci-dss、iso27001、gdpr、appi、j-sox、handbook
help-report--framework-file = 独自のフレームワーク (YAML)
help-report--period = 期間: 2026、2026H1、2026Q3、2026-07、2026-07-01、FY2026Q3 (日本の会計年度)、2026-07-01..2026-09-30
help-report--from = この時刻から: 2026-03-05、-30d [既定: -90d]
help-report--to = この時刻まで。日付のみの場合はその日を含みます [既定: 現在]
help-report--format = html (1 ファイル)、pdf (A4、フォント埋め込み)、csv (Excel で開けます)、json、oscal (assessment results 1.1.3)、junit、ocsf (Compliance Finding)、sarif [既定: html]
help-report--font = PDF に使うフォント (.ttf、.otf、.ttc)。このコンピューターのフォントより優先します (繰り返し可、SHOSEKI_FONT) [既定: このコンピューターの日本語フォント]
help-report--out = 書き出すファイル [既定: 標準出力]
help-report--config = `serve` の設定。[[expect]] にストリームの周期を書けます
help-report-more = `shoseki check` と同じようにチェックを実行し、同じ記録を残します。加えて、報告書を作成したことが、ファイルの SHA-256 とともに記録されます。次回の報告書には、前回からの変更が載ります。作成できれば、内容にかかわらず終了コードは 0 です。

    例:
      shoseki report --framework pci-dss --period 2026Q3 --lang ja --tz Asia/Tokyo --out q3.html
      shoseki report --framework pci-dss --period 2026Q3 --lang ja --tz Asia/Tokyo --format pdf --out q3.pdf
      shoseki report --framework j-sox --period FY2026Q3 --format csv --out fy2026q3.csv
      shoseki report --framework iso27001 --period 2026 --format oscal --out results.json
      shoseki report list
help-report-list = 作成した報告書を、ファイルの SHA-256 とともに一覧します
help-report-list-more = 例:
      shoseki report list --json
help-report-leak = 個人情報保護法の漏えい等報告書の下書きを作成します。9 つの報告事項を、レコードから分かる範囲で埋めます
help-report-leak--from = 発生した時間帯の始まり
help-report-leak--to = 終わり。日付のみの場合はその日を含みます
help-report-leak--known = 知った日: 2026-03-05。この日から期限を数えます
help-report-leak--stage = preliminary (速報) または final (確報) [既定: preliminary]
help-report-leak--malicious = 不正の目的によるおそれがある場合。確報の期限は 30 日目ではなく 60 日目になります
help-report-leak--format = html (1 ファイル、A4 印刷対応) または pdf [既定: html]
help-report-leak--font = PDF に使うフォント (.ttf、.otf、.ttc)。このコンピューターのフォントより優先します (繰り返し可、SHOSEKI_FONT)
help-report-leak--out = 書き出すファイル [既定: 標準出力]
help-report-leak-more = 下書きです。人にしか分からないことは空欄になります。日数と項目は原文での確認が必要で、祝日は考慮していません。

    例:
      shoseki report leak --incident-from 2026-03-05 --incident-to 2026-03-06 --known 2026-03-06 --lang ja --tz Asia/Tokyo --out leak.html
      shoseki report leak --incident-from 2026-03-05 --incident-to 2026-03-06 --known 2026-03-06 --lang ja --format pdf --out leak.pdf
help-inventory = 存在するものと記録が届いているものを照合します。証跡を残すべきリソースごとに、ストリームと最後の記録を表示します
help-inventory--all-regions = アカウントで有効なすべてのリージョンを調べます
help-inventory--as-of = この時刻までに AWS Config が記録した設定。日付はその日を含みます: 2026-03-05、-30d [既定: 現在]
help-inventory--aws-config = 保管庫にある AWS Config の項目から、記録された存在を調べます
help-inventory--external-id = ロールの所有者が求める外部 ID
help-inventory--live = AWS アカウントに現在存在するものを、読み取り専用の呼び出しで調べます。応答は封印されます
help-inventory--print-policy = --live に必要な IAM ポリシーを表示します。呼び出しは行いません
help-inventory--profile = AWS の設定のプロファイル [既定: AWS_PROFILE]
help-inventory--region = 調べるリージョン (繰り返し可) [既定: プロファイルのリージョン]
help-inventory--role = 引き受けるロール。1 つにつき 1 つのアカウントを調べます (繰り返し可)
help-inventory--output = table、csv (リソース 1 つにつき 1 行)、json [既定: table]
help-inventory-more = --live も --aws-config も指定しなければ、保管庫の最新の棚卸し (1 週間以内のもの) を使います。対象はアカウントとリージョン (CloudTrail)、AWS Config のレコーダー、EKS のクラスター、RDS のデータベース、バケットです。
    終了コードは、すべて届いていれば 0、届いていないものがあれば 1、分からないものがあれば 4 です。

    例:
      shoseki inventory --live --all-regions
      shoseki inventory
      shoseki inventory --aws-config --as-of 2026-03-05 -o csv
      shoseki inventory --json
help-alert = [[alert]] で知らせたことのうち、まだ解消していないもの
help-alert-list = 重大なものから一覧します。誰も確認していないものがあれば終了コード 1
help-alert-list--config = [[alert]] のある設定ファイル [既定: shoseki.toml]
help-alert-list--all = この設定では誰にも知らせないものも表示します
help-alert-list-more = 例:
      shoseki alert list --config shoseki.toml
help-alert-ack = 対応する人がいることを、理由とともに記録します。再び起きるまで、ほかの人には知らせません
help-alert-ack--config = [[alert]] のある設定ファイル [既定: shoseki.toml]
help-alert-ack--id = `shoseki alert list` に表示される `A-…`
help-alert-ack--why = 理由、または対応の内容
help-alert-ack-more = ほかの証跡と同じく、記録して封印します。

    例:
      shoseki alert ack A-3f9a01c27b --why "エージェントを再起動している"
help-schedule = `serve` が繰り返し行うこと: 証跡・アカウント・コードのチェック、クエリ、報告書、パッケージ、1 日のまとめ、棚卸し
help-schedule-more = 内容と予定は設定の [[schedule]] に書き、`serve` が実行します。新しく見つかったことは [[alert]] の通知先に一度だけ知らせます。

    例:
      shoseki schedule list --config shoseki.toml
      shoseki schedule run nightly --config shoseki.toml
help-schedule-list = それぞれの次回の予定、前回の実行、その結果を一覧します。前回失敗したものがあれば終了コード 1
help-schedule-list--config = [[schedule]] のある設定ファイル [既定: shoseki.toml]
help-schedule-list-more = 例:
      shoseki schedule list --config shoseki.toml --json
help-schedule-run = そのうちの 1 つをすぐに実行します。記録も通知も予定どおりの実行と同じです
help-schedule-run--config = [[schedule]] のある設定ファイル [既定: shoseki.toml]
help-schedule-run--name = スケジュールの名前
help-schedule-run-more = `serve` の動作中でも実行できます。通知済みのことは再び通知しません。チェックが不合格なら終了コード 1、証跡がなければ 4。

    例:
      shoseki schedule run nightly --config shoseki.toml
help-setup = AWS アカウントで証跡を整えます。足りないものを示し、設定し、記録が届くことを確かめます
help-setup-more = 求める内容は shoseki.toml の [setup] に書きます。[setup] の 1 行だけなら既定値です。既存の証跡はバケットと鍵ごと利用し、より厳しい設定は維持し、何も削除しません。

    例:
      shoseki setup policy > policy.json
      shoseki setup plan
      shoseki setup apply
      shoseki setup check
help-setup-plan = あるもの、足りないもの、行うことを示します。何も変更しません
help-setup-plan--config = 設定ファイル [既定: shoseki.toml]
help-setup-plan--profile = AWS の設定のプロファイル [既定: AWS_PROFILE]
help-setup-plan--record = 計画と異なる点を指摘として保管庫に残します。新しい指摘と直った指摘が分かります (`shoseki finding list`)
help-setup-plan-more = + は作成、~ は変更、= は変更不要、! は人が対応、> は行う呼び出しです。保管庫があれば、存在するものの記録が届いているかも示します。
    終了コードは、行うことがなければ 0、あれば 1、行うことはないがすべてが整っていない、または見えなかったものがあれば 4 です。(terraform plan -detailed-exitcode の 2 がここでの 1、1 が 2 または 3 にあたります。)

    例:
      shoseki setup plan
      shoseki setup plan --config production.toml --json
      shoseki setup plan --record
help-setup-apply = 計画の内容を、確認してから実行します
help-setup-apply--adopt = 設定の前提 (証跡の配信先とその鍵) が最後に適用したときと異なっていても、現在の状態を受け入れます
help-setup-apply--config = 設定ファイル [既定: shoseki.toml]
help-setup-apply--profile = AWS の設定のプロファイル [既定: AWS_PROFILE]
help-setup-apply--yes = 確認しません (自動化用)
help-setup-apply-more = 失敗した呼び出しを必要とするものだけを見送ります。もう一度実行すると続きから行い、Ctrl-C では呼び出しの合間に中断します。再起動や削除は行いません。
    終了コードは、すべて完了すれば 0、失敗した呼び出しがあれば 1、完了したが人の対応が残るものがあれば 4 です。

    例:
      shoseki setup apply
      shoseki setup apply --yes --json
help-setup-export = [setup] が求めるものをコードで書き出します: Terraform、Kubernetes、Helm、CloudFormation、GitHub Actions
help-setup-export--config = 設定ファイル [既定: shoseki.toml]
help-setup-export--database = パラメータグループやオプショングループを作るデータベース: postgres:16、mysql:8.0 (繰り返し可、Terraform 用)
help-setup-export--force = 変更されたファイルにも上書きします
help-setup-export--live = アカウントを見ます。Terraform は足りないものだけになり、あるものは作り直しません
help-setup-export--out = 出力先のフォルダー [既定: shoseki-export]
help-setup-export--profile = --live で使う、AWS の設定のプロファイル [既定: AWS_PROFILE]
help-setup-export--what = 書き出すもの: terraform、kubernetes、helm、cloudformation、github
help-setup-export-more = --live を付けなければアカウントには問い合わせず、まだ何もないアカウント向けのコードになります。同じ [setup] からは同じファイルができます。誰も変更していないファイルは置き換え、変更されたファイルがあれば何も書かずに終了コード 2 で終わります。

    例:
      shoseki setup export terraform
      shoseki setup export terraform --database postgres:16 --out infra
      shoseki setup export terraform --live
      shoseki setup export kubernetes helm github --json
help-setup-check = ソースごとに無害なイベントを発生させ、保管庫に届くことを確認します
help-setup-check--config = 設定ファイル [既定: shoseki.toml]
help-setup-check--profile = AWS の設定のプロファイル [既定: AWS_PROFILE]
help-setup-check--source = このソースだけを、時間がかかるものも待って確認します: cloudtrail, data-events, access-logs, config, eks, database, door, falco, app。複数指定できます
help-setup-check--timeout = 待つ時間 [既定: 20m]
help-setup-check--every = 確認の間隔 [既定: 10s]
help-setup-check--again = 何も発生させず、以前の実行が発生させたものを待ちます
help-setup-check--token-env = 送信元のトークンが入った変数。その受信口にイベントを送ります。複数指定できます
help-setup-check--door = `serve` の接続先 [既定: 設定の [http]]
help-setup-check--ca = その接続先の証明書の認証局 (PEM)
help-setup-check--take-in = `serve` が動いていない場合に、配信されたものを取り込みます
help-setup-check-more = 存在しないものを問い合わせ、存在しない利用者でログインを試みるだけで、何も変更しません。各イベントには目印が入り、AWS の配信先と保管庫で見つかるまでの秒数を示します。ここから行えないものは人が行うコマンドとして表示し、届くのを待ちます。
    終了コードは、すべて見つかれば 0、時間内に届かないものがあれば 1、発生させられない、または人が行わなかったものがあれば 4 です。数時間かかるものは --source で指定したときだけ数えます。

    例:
      shoseki setup check
      shoseki setup check --source cloudtrail --source eks --timeout 30m
      shoseki setup check --token-env SHOSEKI_TOKEN --door https://shoseki.example:8484 --ca ca.pem
      shoseki setup check --take-in --json
      shoseki setup check --again 69a8d60b1f3c
help-setup-policy = plan、apply、check に必要な IAM ポリシーを表示します。何も呼び出しません
help-setup-policy--config = 名前を取る設定ファイル [既定: あれば shoseki.toml]
help-setup-policy-more = 例: shoseki setup policy > policy.json
help-incident = インシデントを管理します: 何が起き、何をし、いつまでに誰へ報告し、再発しないことを何が証明するか
help-incident-more = インシデントについて記したことは、記した人とともに 1 件ずつレコードとして封印されます。ID は 1 件に決まる長さまで省略できます。

    例:
      shoseki incident open --match M-0C21F5A94E --duty appi-malicious
      shoseki incident show I-3K7Q2M8
      shoseki incident list
help-incident-add = インシデントにレコード、対象、報告義務を追加します
help-incident-add--duty = 追加する報告義務 (繰り返し可)
help-incident-add--id = インシデントの ID
help-incident-add--record = 根拠となるレコードの名前 (繰り返し可)
help-incident-add--subject = 追加する対象: アドレス、アクセスキー、ARN、名前、リソース (繰り返し可)
help-incident-add--why = 関係する理由
help-incident-add-more = 例:
      shoseki incident add I-3K7Q2M8 --subject 203.0.113.77 --duty gdpr --why "同じアドレスが顧客データを読み取った"
help-incident-close = インシデントを完了にします
help-incident-close--cause = 原因 (まだ記していない場合)
help-incident-close--despite = 不足があっても完了にします
help-incident-close--id = インシデントの ID
help-incident-close--why = 不足があるまま完了にする理由
help-incident-close-more = 完了にするには、原因、証明するチェックを付けた再発防止策、必要な報告がそろっていなければなりません。再発防止策の指摘は、チェックに合格するまで未解決のまま残ります。

    例:
      shoseki incident close I-3K7Q2M8 --cause "リポジトリにキーが置かれていた"
      shoseki incident close I-3K7Q2M8 --despite --why "誤報: 監査チームの試験だった"
help-incident-contain = 封じ込めのコマンドを、元に戻すコマンドとともに表示します。実行はしません
help-incident-contain--from = 調べる期間の開始 [既定: 認知または一致の30日前]
help-incident-contain--id = インシデント
help-incident-contain--note = それについてのメモ
help-incident-contain--ran = 実行した手順を記録します: 名前か番号、またはコマンドの文
help-incident-contain--to = 終了。日付はその日を含む [既定: 完了時、または現在]
help-incident-contain-more = コマンドに含まれる名前は証跡に由来します。AWS や Kubernetes の名前の書式でないものには、コマンドを表示しません。

    例:
      shoseki incident contain I-3K7Q2M8
      shoseki incident contain I-3K7Q2M8 --ran S-0C21F5A9 --note "at 10:40, by the platform team"
help-incident-list = インシデントを、対応中のものから順に、次の報告期限とともに一覧します
help-incident-list-more = 例:
      shoseki incident list --json
help-incident-measure = 再発防止策を記録し、チェックに合格するまで未解決となる指摘を登録します
help-incident-measure--cause = 現時点で分かっている原因
help-incident-measure--check = 合格すれば証明となるチェック (`shoseki check list`)
help-incident-measure--due = 実施期限: 2027-02-28
help-incident-measure--framework-file = 自社のフレームワーク。そのチェックも指定できます (繰り返し可)
help-incident-measure--id = インシデントの ID
help-incident-measure--text = 再発防止策
help-incident-measure-more = 例:
      shoseki incident measure I-3K7Q2M8 "証跡を誰にも止められないようにした" --check evidence_logging_was_not_stopped --cause "リポジトリにキーが置かれていた" --due 2027-02-28
help-incident-note = インシデントにメモを追加します
help-incident-note--id = インシデントの ID
help-incident-note--text = メモ
help-incident-note-more = 例:
      shoseki incident note I-3K7Q2M8 "10:40 に本人のキーを無効化した"
help-incident-open = インシデントを、手動で、または `shoseki detect` の一致から起票します
help-incident-open--duty = 報告義務: appi (個人情報保護法、30 日)、appi-malicious (不正の目的のおそれがある場合、60 日)、gdpr (72 時間)、pci (繰り返し可)
help-incident-open--known = 期限の起点となる、認知した時刻: 2026-03-05T15:00、-2h [既定: 現在]
help-incident-open--match = 起票の元になる一致。件名、重大度、対象、レコードを引き継ぎます
help-incident-open--record = 根拠となるレコードの名前 (繰り返し可)
help-incident-open--severity = 重大度 [既定: 一致の重大度、なければ medium]
help-incident-open--subject = 対象: アドレス、アクセスキー、ARN、system:serviceaccount:名前空間:名前、pod:名前空間/名前、name:名前、resource:名前 (繰り返し可)
help-incident-open--title = 件名 [既定: 一致の件名]
help-incident-open-more = 日数はタイムゾーン (`--tz`) の日付で数えます。報告が必要かどうかはご自身で判断してください。これは法的助言ではありません。

    例:
      shoseki incident open --match M-0C21F5A94E --duty appi-malicious --known 2026-03-05T15:00 --tz Asia/Tokyo
      shoseki incident open --title "ノートパソコンの紛失" --severity medium --subject aiko
help-incident-report = インシデントの報告書の下書きを作成します。作成済みのファイルを指定すると、その SHA-256 とともに記録します
help-incident-report--file = 作成済みの報告書のファイル。省略すると下書きを出力します
help-incident-report--form = 報告の種類: appi-preliminary (速報)、appi-final (確報)、gdpr-33、pci-12.10、review (すべてのインシデントに求められる事後レビュー)。all は、このインシデントに必要なものすべて
help-incident-report--from = 調べる期間の開始 [既定: 認知または一致の30日前]
help-incident-report--id = インシデントの ID
help-incident-report--out = 下書きのファイル。`--form all` ではフォルダー [既定: 標準出力]
help-incident-report--to = 終了。日付はその日を含む [既定: 完了時、または現在]
help-incident-report-more = 下書きは `--lang` の言語の Markdown で、人が記入する箇所を示します。ファイルを指定すると、その時点で作成済みになります。ファイルは読み取るだけで保管しません (保管は `shoseki attach`)。

    例:
      shoseki incident report I-3K7Q2M8 --form appi-preliminary --lang ja --tz Asia/Tokyo --out preliminary.md
      shoseki incident report I-3K7Q2M8 --form all --lang en --out ./reports
      shoseki incident report I-3K7Q2M8 --form appi-preliminary preliminary.md
help-incident-scope = インシデントの対象が参照、変更、作成、削除したもの、拒否された操作、同じ操作をしたほかの主体を表示します
help-incident-scope--address = あわせて表示するアドレス。主体はたどりません (複数指定可)
help-incident-scope--deed = この種類の操作だけ: read (参照)、changed (変更)、created (作成)、deleted (削除)、signed-in (サインイン)、refused (拒否・失敗)、other (その他) (複数指定可)
help-incident-scope--from = 調べる期間の開始 [既定: 認知または一致の30日前]
help-incident-scope--id = インシデント。その対象をたどります
help-incident-scope--principal = あわせてたどる主体: ARN、アクセスキー、サービスアカウント、名前 (複数指定可)
help-incident-scope--resource = あわせて表示するリソース (複数指定可)
help-incident-scope--session = あわせてたどるセッション: ARN、またはアクセスキー (複数指定可)
help-incident-scope--to = 終了。日付はその日を含む [既定: 完了時、または現在]
help-incident-scope-more = たどり方は `timeline` と同じです。

    例:
      shoseki incident scope I-3K7Q2M8
      shoseki incident scope --session arn:aws:sts::111122223333:assumed-role/worker/i-0a1b --json
help-incident-show = インシデントの対象、報告期限、経過を表示します
help-incident-show--id = インシデントの ID、またはその先頭: I-3K7
help-incident-show-more = 例:
      shoseki incident show I-3K7Q2M8
help-incident-timeline = インシデントの対象が行ったことを、すべてのソースから時系列で表示します
help-incident-timeline--address = あわせて表示するアドレス。主体はたどりません (複数指定可)
help-incident-timeline--csv = CSV で出力します
help-incident-timeline--deed = この種類の操作だけ: read (参照)、changed (変更)、created (作成)、deleted (削除)、signed-in (サインイン)、refused (拒否・失敗)、other (その他) (複数指定可)
help-incident-timeline--limit = 最初の N 件だけを表示します
help-incident-timeline--from = 調べる期間の開始 [既定: 認知または一致の30日前]
help-incident-timeline--id = インシデント。その対象をたどります
help-incident-timeline--principal = あわせてたどる主体: ARN、アクセスキー、サービスアカウント、名前 (複数指定可)
help-incident-timeline--resource = あわせて表示するリソース (複数指定可)
help-incident-timeline--session = あわせてたどるセッション: ARN、またはアクセスキー (複数指定可)
help-incident-timeline--to = 終了。日付はその日を含む [既定: 完了時、または現在]
help-incident-timeline-more = 引き受けたロール、作成されたアクセスキーやユーザー、サービスアカウントを、8段、200主体、20,000件までたどります。省いたものは表示します。省略のない名前と各レコードの名前は `--csv` と `--json` で出力できます。

    例:
      shoseki incident timeline I-3K7Q2M8
      shoseki incident timeline I-3K7Q2M8 --deed created --deed changed --deed deleted --limit 50
      shoseki incident timeline --principal arn:aws:iam::111122223333:user/deploy-bot --from 2026-03-05 --to 2026-03-05

help-retention = 証跡の保存期間と、期間を過ぎたものの削除
help-retention-show = クラスごとの保存期間と、何がどのクラスかを表示します
help-retention-show-more = 例:
  shoseki retention show
help-retention-set = クラスの保存期間や割り当てを、封印される変更として設定します
help-retention-set--class = クラス。ほかに指定のないものは `standard` です
help-retention-set--months = 暦の月数(UTC)
help-retention-set--preset = 規制が求める期間: pci-dss 12か月、fiea 60、tax 84、companies-act 120
help-retention-set--for-ever = 無期限に保管します
help-retention-set--stream = 今後このクラスに入れるストリーム。繰り返し指定できます
help-retention-set--source = 今後このクラスに入れるソース。繰り返し指定できます
help-retention-set-more = 例:
  shoseki retention set standard --preset pci-dss
  shoseki retention set finance --months 84 --source pgaudit
help-retention-plan = 削除の対象と、保全されているものを表示します
help-retention-plan-more = 例:
  shoseki retention plan
help-retention-run = 保存期間を過ぎ、保全されていないものを削除します
help-retention-run--yes = 確認せずに進めます
help-retention-run--reason = 封印されるコミットに残す理由
help-retention-run-more = 例:
  shoseki retention run --yes
help-retention-tier = 保管庫が S3 のどのストレージクラスにあるか、経過日数で移行するとどれだけ節約でき、いくらかかるかを表示します。指示しない限り何も変更しません
help-retention-tier--after = 移行するまでの日数(例: 90d)
help-retention-tier--storage-class = 移行先のクラス: standard-ia、intelligent-tiering、onezone-ia、glacier-ir
help-retention-tier--as = 追加後のバケットの全ルールだけを出力します: `aws` (put-bucket-lifecycle-configuration 用)、`terraform`
help-retention-tier--apply = 確認のうえ、既存のルールを残したまま追加します
help-retention-tier--yes = 確認せずに進めます
help-retention-tier-more = 例:
  shoseki retention tier --vault s3://evidence/vault
  shoseki retention tier --after 90d --storage-class glacier-ir --vault s3://evidence/vault
  shoseki retention tier --after 90d --storage-class glacier-ir --as aws --vault s3://evidence/vault > life-cycle.json
help-hold = 訴訟ホールド: 保存期間にかかわらず削除してはならないもの
help-hold-place = ストリーム、ソース、期間、またはクエリに該当するものを保全します
help-hold-place--why = 理由
help-hold-place--stream = 対象のストリーム。繰り返し指定できます
help-hold-place--source = 対象のソース。繰り返し指定できます
help-hold-place--from = この日以降の出来事を対象にします(UTC)
help-hold-place--to = この日より前の出来事を対象にします(UTC)
help-hold-place--query = このクエリに該当するものを対象にします (ソース、ストリーム、日付を指定すればその範囲内)。該当レコードを含むセグメント全体を保全し、削除の前にもう一度問い合わせます
help-hold-place--sql = クエリは SQL です。行に `"@ptr"` が必要です
help-hold-place--until = 見直す予定の日。この日が過ぎても自動では解除されません
help-hold-place-more = 例:
  shoseki hold place --why "訴訟12号" --source cloudtrail --from 2026-01-01 --to 2026-04-01
  shoseki hold place --why "訴訟12号" --query 'filter userIdentity.userName = "aiko"'
help-hold-list = 解除済みのものも含めて一覧します
help-hold-list-more = 例:
  shoseki hold list
help-hold-release = ホールドの解除を申請します
help-hold-release--id = ホールド
help-hold-release--why = 理由
help-hold-release-more = 例:
  shoseki hold release 3f9a01c2 --why "訴訟が終結した"
help-hold-confirm = 別の人が申請した解除を承認します
help-hold-confirm--id = ホールド
help-hold-confirm-more = 例:
  shoseki hold confirm 3f9a01c2
help-erase = 法令に基づく請求により個人のレコードを消去します。請求する人と承認する人は別です
help-erase-plan = 消去されるもの、それを妨げるもの、消去が及ばないものを表示します
help-erase-plan--query = この問い合わせに該当するレコード。指定したソース、ストリーム、日の範囲で探します。アクセスの記録に問い合わせの文は残りません
help-erase-plan--sql = 問い合わせは SQL で、行に `"@ptr"` を含みます
help-erase-plan--record = `@ptr` に表示されるレコード名。複数指定できます
help-erase-plan--source = このソースだけ。複数指定できます
help-erase-plan--stream = このストリームだけ。複数指定できます
help-erase-plan--from = この日以降のもの(UTC)
help-erase-plan--to = この日より前のもの(UTC)
help-erase-plan-more = 例:
  shoseki erase plan --query 'filter userIdentity.userName = "aiko"'
help-erase-request = レコードの消去を請求します。別の人が承認するまで何も消去しません
help-erase-request--query = この問い合わせに該当するレコード。指定したソース、ストリーム、日の範囲で探します。アクセスの記録に問い合わせの文は残りません
help-erase-request--sql = 問い合わせは SQL で、行に `"@ptr"` を含みます
help-erase-request--record = `@ptr` に表示されるレコード名。複数指定できます
help-erase-request--source = このソースだけ。複数指定できます
help-erase-request--stream = このストリームだけ。複数指定できます
help-erase-request--from = この日以降のもの(UTC)
help-erase-request--to = この日より前のもの(UTC)
help-erase-request--ground = 根拠: `gdpr-17`(GDPR 第17条)、`appi-35`(個人情報保護法 第35条)、`order`(裁判所または当局の命令)、`other`
help-erase-request--why = 理由。永久に封印されるため、本人の名前ではなく案件の番号を書いてください
help-erase-request--before-its-time = クラスの保存期限前に消去する理由
help-erase-request-more = 例:
  shoseki erase request --query 'filter userIdentity.userName = "aiko"' --ground gdpr-17 --why "Case 12"
help-erase-list = 請求を一覧します。実行済みと取り下げたものも含みます
help-erase-list-more = 例:
  shoseki erase list
help-erase-show = 承認する人のために、請求されたレコードを表示します
help-erase-show--id = 請求
help-erase-show--limit = 表示するレコード数
help-erase-show-more = 例:
  shoseki erase show 4c1d09aa
help-erase-confirm = 別の人が請求した消去を実行し、その内容を含むものを削除します。もう一度実行すると残りを削除します
help-erase-confirm--id = 請求
help-erase-confirm--yes = 確認を求めません
help-erase-confirm-more = 例:
  shoseki erase confirm 4c1d09aa
help-erase-withdraw = 請求を取り下げます
help-erase-withdraw--id = 請求
help-erase-withdraw--why = 理由
help-erase-withdraw-more = 例:
  shoseki erase withdraw 4c1d09aa --why "Asked for by mistake"
