### AWS's services. The other language's file of the same name says the same; a test holds the two together.

aws-call-absent = `{ $action }`: there is no `{ $what }` in this region and account
aws-call-forbidden = AWS does not allow `{ $action }` on `{ $what }`: allow it to these credentials in an IAM policy
aws-call-odd-answer = AWS answered `{ $action }` on `{ $what }` with what is no answer to it
aws-call-refused = AWS refused `{ $action }` on `{ $what }` ({ $code })
aws-call-unreachable = AWS cannot be asked for `{ $what }` (`{ $action }`): check the network, the region and the credentials
aws-call-unanswered = AWS could not answer `{ $action }` on `{ $what }` ({ $code }): that is no refusal; try again later
aws-call-unread = an answer of AWS was not read before it was understood
aws-credentials-absent = no credentials of AWS were found: set `AWS_PROFILE` or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, sign in (`aws sso login`), or name a profile with `--profile`
aws-inventory-died = a part of the inventory died: a defect, please report it
aws-list-endless = `{ $action }` was asked for { $pages } pages and has more: the rest of the list was not looked at
aws-region-absent = no region is named: expected `region` in the configuration, `AWS_REGION`, or a region in the profile
aws-region-odd = `{ $region }` is no region of AWS: expected letters, digits and hyphens, as in `ap-northeast-1`
aws-region-near = there is no region `{ $region }`: did you mean `{ $near }`?
aws-region-unknown = there is no region `{ $region }`: expected one such as `ap-northeast-1`, or `--all-regions`
aws-kms-differs = AWS KMS gave back another key by `{ $key }` than it was given
aws-kms-forbidden = AWS KMS does not allow `{ $action }` with `{ $key }`: allow `kms:Encrypt` and `kms:Decrypt` to these credentials in its key policy or in an IAM policy
aws-kms-key-absent = AWS KMS has no key `{ $key }` in this region: give a key's ARN, its id or `alias/NAME`
aws-kms-key-disabled = the key `{ $key }` of AWS KMS is disabled or waits to be deleted: without it nothing that it wraps can be read; enable it again or cancel the deletion
aws-kms-key-usage = the key `{ $key }` of AWS KMS is not for encrypting: expected a symmetric key (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT)
aws-kms-odd-answer = AWS KMS answered for `{ $key }` without what was asked for
aws-kms-refused = AWS KMS refused `{ $action }` with `{ $key }` ({ $code })
aws-kms-unreachable = AWS KMS cannot be asked for `{ $key }`: check the network, the region and the credentials
aws-cloudtrail-forbidden = CloudTrail in { $region } does not allow `cloudtrail:ListPublicKeys`: allow it to these credentials, or give the keys with `--keys`
aws-cloudtrail-odd-answer = CloudTrail in { $region } gave a public key that is none, or not the one that its fingerprint names
aws-cloudtrail-refused = CloudTrail in { $region } refused to list its public keys ({ $code }): give them with `--keys`
aws-cloudtrail-unreachable = CloudTrail in { $region } cannot be asked for its public keys: check the network and the credentials, or give the keys with `--keys`
