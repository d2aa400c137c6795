// The AWS SDK for Go v2. @see AWS SDK for Go v2 Developer Guide
package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
)

var ctx = context.Background()

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func done(step string, holds bool) {
	if !holds {
		log.Fatal(step, " does not hold")
	}
	fmt.Println("ok", step)
}

func refused(step, name string, err error) {
	var fault smithy.APIError
	if !errors.As(err, &fault) || fault.ErrorCode() != name {
		log.Fatalf("%s: %v, and not %s", step, err, name)
	}
	fmt.Println("ok", step)
}

func clientOf(profile string) *kms.Client {
	return kms.NewFromConfig(must(config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(profile))))
}

func main() {
	client, stranger := clientOf("trent"), clientOf("stranger")
	about := map[string]string{"purpose": "test"}
	hello := []byte("hello")

	created := must(client.CreateKey(ctx, &kms.CreateKeyInput{Description: aws.String("orders")})).KeyMetadata
	described := must(client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: created.Arn})).KeyMetadata
	done("CreateKey and DescribeKey", described.CreationDate.Equal(*created.CreationDate) && time.Since(*created.CreationDate) < time.Minute)

	sealed := must(client.Encrypt(ctx, &kms.EncryptInput{KeyId: created.KeyId, Plaintext: hello, EncryptionContext: about})).CiphertextBlob
	opened := must(client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: sealed, EncryptionContext: about}))
	done("Encrypt and Decrypt", bytes.Equal(opened.Plaintext, hello))

	dataKey := must(client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: created.KeyId, KeySpec: types.DataKeySpecAes256}))
	again := must(client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: dataKey.CiphertextBlob}))
	done("GenerateDataKey", len(dataKey.Plaintext) == 32 && bytes.Equal(again.Plaintext, dataKey.Plaintext))

	signing := aws.String(os.Getenv("TRENT_SIGNING_KEY"))
	signed := must(client.Sign(ctx, &kms.SignInput{KeyId: signing, Message: hello, SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256}))
	public := must(x509.ParsePKIXPublicKey(must(client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: signing})).PublicKey))
	digest := sha256.Sum256(hello)
	done("Sign, and verify at home", ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), digest[:], signed.Signature))

	found := 0
	for pages := kms.NewListKeysPaginator(client, &kms.ListKeysInput{Limit: aws.Int32(1)}); pages.HasMorePages(); {
		found += len(must(pages.NextPage(ctx)).Keys)
	}
	done("ListKeys by paginator", found >= 3)

	_, err := stranger.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: sealed, EncryptionContext: about})
	refused("Decrypt by a stranger", "AccessDeniedException", err)

	spoilt := bytes.Clone(sealed)
	spoilt[len(spoilt)-1] ^= 1
	_, err = client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: spoilt, EncryptionContext: about})
	refused("Decrypt of a spoilt ciphertext", "InvalidCiphertextException", err)

	must(client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: created.KeyId}))
	_, err = client.Encrypt(ctx, &kms.EncryptInput{KeyId: created.KeyId, Plaintext: hello})
	refused("Encrypt with a disabled key", "DisabledException", err)
}
