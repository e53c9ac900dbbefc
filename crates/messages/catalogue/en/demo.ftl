### The demo. The other language's file of the same name says the same; a test holds the two together.

demo-asked = 6. Who asked all this? Each question left a record before its first row was shown; it is sealed with what comes next
demo-address = 5. What did the address 203.0.113.77 do, in AWS and in Kubernetes? (the first twenty)
demo-changed = On a copy of the vault, one byte was changed in { $file }
demo-end = That was it. Ask something of your own, or delete the folder:
demo-folder-not-empty = the folder `{ $path }` is not empty: give a new or an empty one
demo-folder-unusable = the folder `{ $path }` cannot be used
demo-handbook = 3. The question of the operations handbook, word for word
demo-ingest = 2. A day's evidence of a small estate goes in: CloudTrail and Kubernetes audit
demo-init = 1. A vault is made, with its keys
demo-intro = shoseki takes in audit evidence, seals it, searches it and proves it. All of this happens in { $folder }
demo-refused = 4. Who was refused what? One user stands out
demo-report = 10. The auditor is given a report about PCI DSS: in Japanese and in English, as a page for a browser and as a PDF. Most of it is not tested, since a day of two logs proves little, and it says so
demo-tamper = 11. Somebody alters a record
demo-too-many = there are too many demos below `{ $path }`: delete some, or give a folder with `--dir`
demo-verify = 7. The whole vault is judged: every record is hashed again up to the signed checkpoint
demo-went-wrong = the demo's command did not end as it should: `{ $command }`; this is a defect of shoseki
demo-no-pdf = No PDF was made: { $why }
demo-package = 8. An auditor gets the answer to the second question, with the records behind it and their proofs
demo-package-verify = 9. The auditor verifies the package offline, with nothing but the public key
