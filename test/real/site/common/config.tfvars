tls_secret_name          = "tls-secret"
domain                   = "example.test"
cloudflare_api           = "@@CLOUDFLARE_API@@"
cloudflare_zone_id       = "@@CLOUDFLARE_ZONE@@"
cloudflare_proxied_names = ["blog", "status"]
woodpecker_admins        = ["root-admin"]
