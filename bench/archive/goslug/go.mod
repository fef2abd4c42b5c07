module tofu-remote/bench/goslug

go 1.24

require github.com/hashicorp/go-slug v0.16.8

require golang.org/x/sys v0.35.0 // indirect
