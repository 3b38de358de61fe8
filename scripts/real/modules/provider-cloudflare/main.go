// A provider with the one resource of Cloudflare's that infra has a rule for. What Cloudflare would keep lies in a file,
// so that a test can change it "by hand", as somebody does in the dashboard. The real provider cannot be built here: its
// releases are no valid versions of its module. Names of attributes are those of its documentation.
package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"
)

// One rule: requests for this host go to that service.
type rule struct {
	Hostname string `json:"hostname"`
	Service  string `json:"service"`
}

func main() {
	plugin.Serve(&plugin.ServeOpts{ProviderFunc: provider})
}

func provider() *schema.Provider {
	return &schema.Provider{
		Schema: map[string]*schema.Schema{"file": {Type: schema.TypeString, Required: true}},
		ResourcesMap: map[string]*schema.Resource{
			"cloudflare_zero_trust_tunnel_cloudflared_config": tunnel(),
		},
		ConfigureFunc: func(data *schema.ResourceData) (interface{}, error) { return data.Get("file").(string), nil },
	}
}

func tunnel() *schema.Resource {
	ingress := &schema.Resource{Schema: map[string]*schema.Schema{
		"hostname": {Type: schema.TypeString, Optional: true},
		"service":  {Type: schema.TypeString, Required: true},
	}}
	config := &schema.Resource{Schema: map[string]*schema.Schema{
		"ingress_rule": {Type: schema.TypeList, Required: true, Elem: ingress},
	}}
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"account_id": {Type: schema.TypeString, Required: true, ForceNew: true},
			"tunnel_id":  {Type: schema.TypeString, Required: true, ForceNew: true},
			"config":     {Type: schema.TypeList, Required: true, MaxItems: 1, Elem: config},
		},
		Create: write,
		Update: write,
		Read:   read,
		Delete: func(_ *schema.ResourceData, meta interface{}) error { return os.Remove(meta.(string)) },
	}
}

func write(data *schema.ResourceData, meta interface{}) error {
	rules := []rule{}
	for _, each := range data.Get("config.0.ingress_rule").([]interface{}) {
		fields := each.(map[string]interface{})
		rules = append(rules, rule{Hostname: fields["hostname"].(string), Service: fields["service"].(string)})
	}
	text, err := json.MarshalIndent(rules, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(meta.(string), append(text, '\n'), 0o600); err != nil {
		return err
	}
	data.SetId(data.Get("tunnel_id").(string))
	return nil
}

func read(data *schema.ResourceData, meta interface{}) error {
	text, err := os.ReadFile(meta.(string))
	if errors.Is(err, fs.ErrNotExist) {
		data.SetId("")
		return nil
	}
	if err != nil {
		return err
	}
	rules := []rule{}
	if err := json.Unmarshal(text, &rules); err != nil {
		return err
	}
	list := []interface{}{}
	for _, each := range rules {
		list = append(list, map[string]interface{}{"hostname": each.Hostname, "service": each.Service})
	}
	return data.Set("config", []interface{}{map[string]interface{}{"ingress_rule": list}})
}
