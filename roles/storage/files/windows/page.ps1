# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The page is what the bare address shows.
param (
    [Parameter(Mandatory)] [String] $Site,
    [Parameter(Mandatory)] [String] $File
)
$ErrorActionPreference = 'Stop'
$Ansible.Changed = $false
Import-Module -Name WebAdministration
$place = @{ PSPath = "IIS:\Sites\$Site"; Filter = 'system.webServer/defaultDocument/files' }
$first = @((Get-WebConfigurationProperty @place -Name '.').Collection)[0]
if (-not $first -or $first.value -ne $File) {
    Clear-WebConfiguration @place
    Add-WebConfiguration @place -Value @{ value = $File }
    $Ansible.Changed = $true
}
