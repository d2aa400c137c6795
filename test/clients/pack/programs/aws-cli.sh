# The AWS CLI. @see AWS CLI Command Reference, "kms"
source "${BASH_SOURCE[0]%/*}/steps.sh"

key=$(aws kms create-key --description orders --tags TagKey=team,TagValue=payments --query KeyMetadata.KeyId --output text)
[[ $(aws kms list-resource-tags --key-id "$key" --query 'Tags[0].TagValue' --output text) == payments ]]
ok "create-key with tags"

aws kms create-alias --alias-name alias/aws-cli --target-key-id "$key"
[[ $(aws kms describe-key --key-id alias/aws-cli --query KeyMetadata.KeyId --output text) == "$key" ]]
ok "create-alias"

printf hello > hello.txt
aws kms encrypt --key-id alias/aws-cli --plaintext fileb://hello.txt --encryption-context purpose=test --query CiphertextBlob --output text | base64 --decode > sealed
opened=$(aws kms decrypt --ciphertext-blob fileb://sealed --encryption-context purpose=test --query Plaintext --output text | base64 --decode)
[[ $opened == hello ]]
ok "encrypt and decrypt with a context"

aws kms generate-data-key --key-id "$key" --key-spec AES_256 --query '[Plaintext,CiphertextBlob]' --output text > data-key
read -r plain wrapped < data-key
base64 --decode <<< "$wrapped" > wrapped
[[ $(aws kms decrypt --ciphertext-blob fileb://wrapped --query Plaintext --output text) == "$plain" ]]
ok "generate-data-key"

aws kms sign --key-id "$TRENT_SIGNING_KEY" --message fileb://hello.txt --signing-algorithm ECDSA_SHA_256 --query Signature --output text | base64 --decode > signature
[[ $(aws kms verify --key-id "$TRENT_SIGNING_KEY" --message fileb://hello.txt --signature fileb://signature --signing-algorithm ECDSA_SHA_256 --query SignatureValid --output text) == True ]]
ok "sign and verify"

[[ $(aws kms list-keys --page-size 1 --query 'Keys[].KeyId' --output text | wc --words) -ge 3 ]]
ok "list-keys, one a page"

aws kms enable-key-rotation --key-id "$key" --rotation-period-in-days 90
[[ $(aws kms get-key-rotation-status --key-id "$key" --query RotationPeriodInDays --output text) == 90 ]]
ok "enable-key-rotation"

refused AccessDeniedException aws kms decrypt --profile stranger --ciphertext-blob fileb://sealed --encryption-context purpose=test
ok "decrypt by a stranger"

refused InvalidCiphertextException aws kms decrypt --ciphertext-blob fileb://sealed --encryption-context purpose=another
ok "decrypt with another context"

aws kms disable-key --key-id "$key"
refused DisabledException aws kms encrypt --key-id "$key" --plaintext fileb://hello.txt
ok "encrypt with a disabled key"
