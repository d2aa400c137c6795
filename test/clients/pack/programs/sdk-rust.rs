// The AWS SDK for Rust. @see AWS SDK for Rust Developer Guide
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, SigningAlgorithmSpec};
use aws_sdk_kms::Client;
use std::env::var;

type Failure = Box<dyn std::error::Error>;

/// Plain HTTP is all that the server of the pack speaks: nothing of TLS is built.
async fn client_of(profile: &str) -> Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    Client::new(&aws_config::from_env().http_client(http).profile_name(profile).load().await)
}

fn done(step: &str, holds: bool) {
    assert!(holds, "{step} does not hold");
    println!("ok {step}");
}

fn refused<T, E: ProvideErrorMetadata, R>(step: &str, name: &str, outcome: Result<T, SdkError<E, R>>) {
    let Err(fault) = outcome else { panic!("{step} went through") };
    assert_eq!(fault.code(), Some(name), "{step}: {:?}", fault.message());
    println!("ok {step}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let (kms, stranger) = (client_of("trent").await, client_of("stranger").await);
    let hello = Blob::new("hello");

    let created = kms.create_key().description("orders").send().await?;
    let key = created.key_metadata().expect("metadata").key_id().to_owned();
    let described = kms.describe_key().key_id(&key).send().await?;
    done("create_key and describe_key", described.key_metadata().expect("metadata").enabled());

    let sealed = kms.encrypt().key_id(&key).plaintext(hello.clone()).encryption_context("purpose", "test").send().await?;
    let sealed = sealed.ciphertext_blob.expect("a ciphertext");
    let opened = kms.decrypt().ciphertext_blob(sealed.clone()).encryption_context("purpose", "test").send().await?;
    done("encrypt and decrypt", opened.plaintext() == Some(&hello));

    let data_key = kms.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256).send().await?;
    let again = kms.decrypt().ciphertext_blob(data_key.ciphertext_blob.expect("a ciphertext")).send().await?;
    done("generate_data_key", again.plaintext == data_key.plaintext);

    let signing = var("TRENT_SIGNING_KEY")?;
    let algorithm = SigningAlgorithmSpec::EcdsaSha256;
    let signed = kms.sign().key_id(&signing).message(hello.clone()).signing_algorithm(algorithm.clone()).send().await?;
    let signature = signed.signature.expect("a signature");
    let verify = kms.verify().key_id(&signing).message(hello.clone()).signature(signature.clone()).signing_algorithm(algorithm.clone());
    done("sign and verify", verify.send().await?.signature_valid());

    let pages = kms.list_keys().into_paginator().page_size(1).items().send();
    done("list_keys by paginator", pages.collect::<Result<Vec<_>, _>>().await?.len() >= 3);

    let denied = stranger.decrypt().ciphertext_blob(sealed.clone()).encryption_context("purpose", "test").send().await;
    refused("decrypt by a stranger", "AccessDeniedException", denied);

    let mut spoilt = sealed.into_inner();
    *spoilt.last_mut().expect("bytes") ^= 1;
    let undone = kms.decrypt().ciphertext_blob(Blob::new(spoilt)).encryption_context("purpose", "test").send().await;
    refused("decrypt of a spoilt ciphertext", "InvalidCiphertextException", undone);

    let other = kms.verify().key_id(&signing).message(Blob::new("another")).signature(signature).signing_algorithm(algorithm);
    refused("verify of another message", "KMSInvalidSignatureException", other.send().await);

    kms.disable_key().key_id(&key).send().await?;
    refused("encrypt with a disabled key", "DisabledException", kms.encrypt().key_id(&key).plaintext(hello).send().await);
    Ok(())
}
