/**
 * A self-signed certificate for localhost, 127.0.0.1 and ::1, valid for 100 years, and its key. For tests alone: the
 * key is public by being here, so nothing but a test may ever trust the certificate. Node cannot make one by itself.
 * Made by `openssl ca -selfsign -startdate 20200101000000Z -enddate 21200101000000Z` with these three names.
 */
export const localhostCertificate = `-----BEGIN CERTIFICATE-----
MIIBqjCCAVCgAwIBAgIBATAKBggqhkjOPQQDAjAiMSAwHgYDVQQDDBd0ZXN0IG9u
bHksIGRvIG5vdCB0cnVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
MFowIjEgMB4GA1UEAwwXdGVzdCBvbmx5LCBkbyBub3QgdHJ1c3QwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAATKs2pZ4gpA0NbJOQ2skNvXEN1Zm2grDwtsvY0k1xOl
mvWvoANhgFV4jgKIkVTKPiREmd5GwxNEf04wcEV5kSzAo3UwczAsBgNVHREEJTAj
gglsb2NhbGhvc3SHBH8AAAGHEAAAAAAAAAAAAAAAAAAAAAEwDwYDVR0TAQH/BAUw
AwEB/zATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUzU2P6Skbf4Heymt1
c6jnec/7QTowCgYIKoZIzj0EAwIDSAAwRQIgQFAJF0Lua2yC8qzaxLMNBAzboqF4
QxIm4SM3vEeooUcCIQDPZLLcVGvYeMriRUld7ya2ztNRarKgyfvWB3V9XiGR9Q==
-----END CERTIFICATE-----
`

export const localhostKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgp+iaFMe0wsveD9qt
S1g0QDqtJf1EEa2M4hQtHUpo0MShRANCAATKs2pZ4gpA0NbJOQ2skNvXEN1Zm2gr
DwtsvY0k1xOlmvWvoANhgFV4jgKIkVTKPiREmd5GwxNEf04wcEV5kSzA
-----END PRIVATE KEY-----
`
