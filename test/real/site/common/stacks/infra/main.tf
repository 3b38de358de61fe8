resource "terraform_data" "hosts" {
  input = ["node-1.${var.domain}", "node-2.${var.domain}"]
}
